#pragma once

#include "kurs/domain/time.hpp"

namespace kurs {

/// Notices that the loop stood still: a process that was frozen and thawed would date old frames as new.
/// A stall once seen stays, since nothing behind it can be dated.
class StallWatch {
public:
    StallWatch(Duration limit, TimePoint now) : limit_(limit), beat_at_(now) {}

    bool is_stalled(TimePoint now) const { return now - beat_at_ > limit_; }

    /// Called by a timer, far more often than the limit.
    void beat(TimePoint now) {
        if (!is_stalled(now)) beat_at_ = now;
    }

private:
    Duration limit_;
    TimePoint beat_at_;
};

}  // namespace kurs
