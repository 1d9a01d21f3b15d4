#include "push_reader.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace kurs::testing {
namespace {

constexpr std::size_t most_kept = 320;  ///< a message's kind, version and time are at its beginning
constexpr std::size_t most_head = 8192;

/// The text between `before` and `after`.
std::string_view find_between(std::string_view text, std::string_view before, char after) {
    const auto begin = text.find(before);
    if (begin == std::string_view::npos) return {};
    const auto rest = text.substr(begin + before.size());
    return rest.substr(0, rest.find(after));
}

std::optional<std::uint64_t> read_number(std::string_view text, int base = 10) {
    std::uint64_t value = 0;
    const auto end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || last != end) return std::nullopt;
    return value;
}

/// Of "2026-11-23T10:00:00.000Z".
double read_moment(std::string_view text) {
    int year = 0, hour = 0, minute = 0, second = 0, milli = 0;
    unsigned month = 0, day = 0;
    const int found = std::sscanf(std::string(text).c_str(), "%d-%u-%uT%d:%d:%d.%d", &year, &month, &day,
                                  &hour, &minute, &second, &milli);
    if (found != 7) return 0;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    const auto days = static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
    return ((days * 24 + hour) * 60 + minute) * 60 + second + milli / 1000.0;
}

}  // namespace

void PushReader::feed(std::string_view bytes, const Sink& sink) {
    if (status_ == 0) read_head(bytes);
    if (bytes.empty() || !broken_.empty()) return;
    if (status_ == 101) return read_frames(bytes, sink);
    if (status_ != 200) return;
    if (is_chunked_) return read_chunks(bytes, sink);
    read_events(bytes, sink);
}

void PushReader::read_head(std::string_view& bytes) {
    head_ += bytes;
    const auto end = head_.find("\r\n\r\n");
    if (end == std::string::npos) {
        if (head_.size() > most_head) broken_ = "the head of the answer never ends";
        bytes = {};
        return;
    }
    bytes = bytes.substr(bytes.size() - (head_.size() - end - 4));
    is_chunked_ = head_.find("chunked\r\n") != std::string::npos;
    status_ = static_cast<unsigned>(read_number(head_.substr(9, 3)).value_or(1));
    if (wire_ == Wire::web_socket ? status_ == 200 : status_ == 101) broken_ = "the other transport answers";
    head_ = {};
}

void PushReader::read_chunks(std::string_view bytes, const Sink& sink) {
    while (!bytes.empty()) {
        if (left_ > 0) {
            const auto part = bytes.substr(0, left_);
            read_events(part, sink);
            left_ -= part.size();
            bytes.remove_prefix(part.size());
            continue;
        }
        const char next = bytes.front();
        bytes.remove_prefix(1);
        if (next == '\r') continue;
        if (next != '\n') {
            header_ += next;
        } else if (!header_.empty()) {
            const auto size = read_number(header_, 16);
            if (!size) broken_ = "a chunk of size " + header_;
            if (!size) return;
            left_ = *size;
            header_.clear();
        }
    }
}

/// A message ends with an empty line, and its data contains no line break.
void PushReader::read_events(std::string_view bytes, const Sink& sink) {
    while (!bytes.empty()) {
        if (bytes.front() == '\n' && is_after_newline_) {
            if (head_.find("data:") != std::string::npos)
                end_message(std::string_view(head_).substr(head_.find("data:")), sink);
            head_.clear();
            is_after_newline_ = false;
            bytes.remove_prefix(1);
            continue;
        }
        const auto end = bytes.find('\n');
        const auto line = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
        keep(line);
        is_after_newline_ = line.back() == '\n';
        bytes.remove_prefix(line.size());
    }
}

void PushReader::read_frames(std::string_view bytes, const Sink& sink) {
    while (!bytes.empty() && broken_.empty()) {
        if (opcode_ == 0) {
            header_ += bytes.front();
            bytes.remove_prefix(1);
            if (!begin_frame()) continue;
        } else {
            const auto part = bytes.substr(0, left_);
            keep(part);
            left_ -= part.size();
            bytes.remove_prefix(part.size());
        }
        if (left_ == 0) end_frame(sink);
    }
}

/// Whether the frame's header is complete.
bool PushReader::begin_frame() {
    if (header_.size() < 2) return false;
    const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(header_[at]); };
    const std::size_t length = byte(1) & 0x7f;
    const std::size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
    if (header_.size() < 2 + more) return false;
    left_ = more > 0 ? 0 : length;
    for (std::size_t i = 0; i < more; ++i) left_ = left_ << 8U | byte(2 + i);
    opcode_ = byte(0) & 0x0fU;
    if ((byte(0) & 0xf0U) != 0x80) broken_ = "a frame that is a fragment or has reserved bits";
    if ((byte(1) & 0x80U) != 0) broken_ = "a masked frame";
    if (opcode_ != 1 && opcode_ < 8) broken_ = "a frame that is no text";
    header_.clear();
    return true;
}

void PushReader::end_frame(const Sink& sink) {
    if (opcode_ == 1) end_message(head_, sink);
    if (opcode_ == 8 && head_.size() >= 2)
        close_code_ = static_cast<unsigned char>(head_[0]) * 256U + static_cast<unsigned char>(head_[1]);
    if (opcode_ == 9) {
        // Masked with zeros: a client's frames must be masked but need not be secret.
        const char header[] = {'\x8a', static_cast<char>(0x80U | head_.size()), 0, 0, 0, 0};
        pongs_.append(header, sizeof header).append(head_);
    }
    opcode_ = 0;
    head_.clear();
}

void PushReader::keep(std::string_view bytes) {
    head_ += bytes.substr(0, most_kept - std::min(most_kept, head_.size()));
}

void PushReader::end_message(std::string_view document, const Sink& sink) {
    PushMessage message;
    message.kind = find_between(document, R"("event":")", '"');
    message.version = read_number(find_between(document, R"("version":)", ',')).value_or(0);
    message.as_of = read_moment(find_between(document, R"("as_of":")", '"'));
    if (status_ == 200) {
        const auto lines = std::string_view(head_).substr(0, head_.find("data:"));
        message.id = read_number(find_between(lines, "id: ", '\n'));
        if (find_between(lines, "event: ", '\n') != message.kind) broken_ = "an event of two kinds";
    }
    if (message.kind.empty() || message.as_of == 0) broken_ = "no event and time in " + std::string(document);
    sink(message);
}

}  // namespace kurs::testing
