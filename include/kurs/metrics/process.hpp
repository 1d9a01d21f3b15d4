#pragma once

#include <cstdint>

namespace kurs::metrics {

/// What the kernel says of this process. 0 where it says nothing.
struct ProcessReading {
    double cpu_seconds = 0;
    double started_at_seconds = 0;  ///< since 1970
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t most_descriptors = 0;
};

/// Reads what the kernel makes up on the spot in /proc, so that no disk is waited for.
ProcessReading read_process();

}  // namespace kurs::metrics
