#include "kurs/feed/replacement_pace.hpp"

#include <algorithm>

namespace kurs {

void ReplacementPace::replaced(TimePoint now) {
    allowed_at_ = now + step_;
    step_ = std::min(step_ * 2, limits_.ceiling);
    live_since_.reset();
}

void ReplacementPace::all_live(TimePoint now) {
    if (!live_since_) live_since_ = now;
    if (now - *live_since_ < limits_.live_before_reset) return;
    step_ = limits_.first;
    allowed_at_ = now;
}

}  // namespace kurs
