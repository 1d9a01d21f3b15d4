#include "kurs/tape/reader.hpp"

#include <zlib.h>

#include <array>
#include <boost/throw_exception.hpp>
#include <sstream>
#include <stdexcept>

namespace kurs::tape {
namespace {

constexpr std::size_t longest_line = 100;
constexpr std::size_t largest_payload = 64u << 20;

gzFile gz(void* file) {
    return static_cast<gzFile>(file);
}

}  // namespace

void throw_exception_from_error(const Failure& failure, const boost::source_location& where) {
    boost::throw_exception(std::runtime_error(failure.text), where);
}

void Reader::Close::operator()(void* file) const {
    gzclose(gz(file));
}

Result<Reader> Reader::open(const std::string& path) {
    auto* const file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return Failure{path + ": cannot be read"};
    return Reader(file);
}

Result<std::optional<Record>> Reader::next() {
    const auto line = read_line();
    if (!line) return std::optional<Record>();
    std::istringstream words(*line);
    std::string word;
    Duration::rep at = 0;
    std::size_t size = 0;
    Record record;
    words >> word >> at >> record.feed >> size;
    const auto kind = parse_kind(word);
    if (!words || !words.eof() || !kind || size > largest_payload) return broken("\"" + *line + "\"");
    record.kind = *kind;
    record.at = TimePoint{Duration{at}};
    record.payload.resize(size + 1);
    const auto wanted = static_cast<unsigned>(size + 1);
    const auto got = gzread(gz(file_.get()), record.payload.data(), wanted);
    if (got != static_cast<int>(wanted)) {
        is_cut_ = true;
        return std::optional<Record>();
    }
    if (record.payload.back() != '\n') return broken("a payload of another size");
    record.payload.pop_back();
    ++records_;
    return std::optional(std::move(record));
}

/// None: the end of the file.
std::optional<std::string> Reader::read_line() {
    std::array<char, longest_line> line{};
    if (gzgets(gz(file_.get()), line.data(), static_cast<int>(line.size())) == nullptr) {
        int error = Z_OK;
        gzerror(gz(file_.get()), &error);
        is_cut_ = is_cut_ || error != Z_OK;
        return std::nullopt;
    }
    std::string text(line.data());
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

Failure Reader::broken(std::string_view what) const {
    return {"record " + std::to_string(records_ + 1) + " cannot be read: " + std::string(what)};
}

}  // namespace kurs::tape
