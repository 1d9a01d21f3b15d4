#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>

#include "kurs/tape/tape.hpp"

namespace kurs::tape {

/// Why a tape cannot be read or replayed.
struct Failure {
    std::string text;
};

[[noreturn]] void throw_exception_from_error(const Failure& failure, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Failure>;

/// Reads a file of `open_file`, or the same text uncompressed.
class Reader {
public:
    static Result<Reader> open(const std::string& path);

    /// None: the end. A process that was killed leaves the last second incomplete; what is complete of it is
    /// read, and then `is_cut`.
    Result<std::optional<Record>> next();
    bool is_cut() const { return is_cut_; }

private:
    struct Close {
        void operator()(void* file) const;
    };

    explicit Reader(void* file) : file_(file) {}
    std::optional<std::string> read_line();
    Failure broken(std::string_view what) const;

    std::unique_ptr<void, Close> file_;
    std::size_t records_ = 0;
    bool is_cut_ = false;
};

}  // namespace kurs::tape
