#pragma once

#include <memory>

#include "kurs/tape/tape.hpp"

namespace kurs::tape {

struct FileLimits {
    std::uint64_t bytes = 256u << 20;   ///< of a file; beyond it the tape is full, beyond twice of it it ends
    std::size_t files = 4;              ///< older ones are deleted
    std::size_t unwritten = 32u << 20;  ///< bytes that wait for the disk; beyond it the tape ends
};

/// Opens a new file, `prefix` followed by the time, and deletes the oldest ones with this prefix. It is
/// compressed and written on a thread of its own, once a second. A failure ends the tape, is logged, and
/// changes nothing else. Null: the file cannot be created, which is logged.
std::unique_ptr<Tape> open_file(const std::string& prefix, TimePoint now, FileLimits limits = {});

}  // namespace kurs::tape
