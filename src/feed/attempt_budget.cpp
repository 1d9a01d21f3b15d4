#include "kurs/feed/attempt_budget.hpp"

#include <algorithm>

namespace kurs {

TimePoint AttemptBudget::allowed_at(TimePoint now) const {
    if (spent_.size() < most_) return now;
    return std::max(now, spent_.front() + window_);
}

void AttemptBudget::spend(TimePoint now) {
    if (spent_.size() == most_) spent_.pop_front();
    spent_.push_back(now);
}

}  // namespace kurs
