#pragma once

#include <cstddef>

#include "kurs/domain/time.hpp"

namespace kurs::redis {

struct RedisLimits {
    Duration connect{1'000};   ///< from the name to the first answer: all addresses and the login together
    Duration command{1'000};   ///< for an answer, besides what a reading waits for entries
    Duration first_wait{100};  ///< after an attempt that failed; doubled with each further one
    Duration longest_wait{1'000};
    std::size_t commands = 256;             ///< unanswered ones on a connection
    std::size_t text_bytes = 512UL * 1024;  ///< of an entry or a snapshot
    Duration view_kept{60'000};             ///< who joins begins with the snapshot
};

}  // namespace kurs::redis
