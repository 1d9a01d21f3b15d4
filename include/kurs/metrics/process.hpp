#pragma once

#include <cstdint>

namespace kurs::metrics {

/// Process statistics from the kernel. 0 where unavailable.
struct ProcessReading {
    double cpu_seconds = 0;
    double started_at_seconds = 0;  ///< since the Unix epoch
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t most_descriptors = 0;
};

/// Reads /proc, which the kernel generates on the fly, so no disk access can block.
ProcessReading read_process();

}  // namespace kurs::metrics
