#pragma once

#include <cstddef>

#include "kurs/domain/time.hpp"

namespace kurs::redis {

struct RedisLimits {
    Duration connect{1'000};   ///< for name lookup, all addresses and the login together
    Duration command{1'000};   ///< for a reply, in addition to a read's wait for entries
    Duration first_wait{100};  ///< after a failed attempt; doubled with each further one
    Duration longest_wait{1'000};
    std::size_t commands = 100;             ///< calls in progress per connection
    std::size_t text_bytes = 512UL * 1024;  ///< of an entry, snapshot or note
    Duration view_kept{60'000};  ///< retention of entries; a replica that joins starts from the snapshot
};

}  // namespace kurs::redis
