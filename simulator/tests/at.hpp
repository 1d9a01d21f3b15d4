#pragma once

#include "clock.hpp"

/// A point in time for tests: milliseconds after 2026-11-23 00:00 UTC.
inline sim::Instant at(std::int64_t ms) {
    return sim::Instant{sim::Millis{1'795'392'000'000 + ms}};
}
