#pragma once

#include <cstddef>
#include <deque>

#include "kurs/domain/time.hpp"

namespace kurs {

/// Limits the messages in a rolling second, as venues do. A pong counts as a
/// message.
class SendPace {
public:
    explicit SendPace(std::size_t per_second) : per_second_(per_second) {}

    /// How long to wait before the next message; zero if it may be sent now.
    Duration wait(TimePoint now) const;

    void sent(TimePoint now);

private:
    std::size_t per_second_;
    std::deque<TimePoint> sent_;  // at most `per_second_`
};

}  // namespace kurs
