#pragma once

#include "kurs/domain/time.hpp"

namespace kurs {

/// Detects a stalled event loop: a process that was frozen and thawed would date old frames as new. A stall
/// is permanent, since data received after it cannot be dated.
class StallWatch {
public:
    StallWatch(Duration limit, TimePoint now) : limit_(limit), beat_at_(now) {}

    bool is_stalled(TimePoint now) const { return now - beat_at_ > limit_; }

    /// Called by a timer whose period is far shorter than the limit.
    void beat(TimePoint now) {
        if (!is_stalled(now)) beat_at_ = now;
    }

private:
    Duration limit_;
    TimePoint beat_at_;
};

}  // namespace kurs
