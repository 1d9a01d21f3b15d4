#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "kurs/domain/time.hpp"

namespace kurs {

/// A source that publishes rarely confirmed at `at` that its rate of `date` is the newest one.
struct Confirmation {
    std::chrono::sys_days date{};  ///< as the source dates it
    TimePoint at{};

    friend bool operator==(const Confirmation&, const Confirmation&) = default;
};

/// When a source that publishes rarely is expected to publish.
struct PublicationPlan {
    std::function<TimePoint(TimePoint)> next_after;  ///< the first publication that is expected after a time
    std::function<bool(TimePoint)> is_market_open;   ///< of the market that its rates follow
    Duration confirmed_within{};                     ///< counted from a publication

    /// When a value becomes stale, however young it is, because it was not confirmed since a publication. A
    /// value without a confirmation counts as confirmed when it was observed.
    TimePoint confirmed_until(const std::optional<Confirmation>& last, TimePoint observed_at) const {
        return next_after(last ? last->at : observed_at) + confirmed_within;
    }
};

}  // namespace kurs
