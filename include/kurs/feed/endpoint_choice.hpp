#pragma once

#include <vector>

#include "kurs/domain/time.hpp"

namespace kurs {

/// Picks the next endpoint of a venue: round robin, skipping endpoints that rest.
class EndpointChoice {
public:
    struct Choice {
        std::size_t index = 0;
        TimePoint at{};  ///< not earlier than this
    };

    /// Fails with std::invalid_argument on a count of zero.
    explicit EndpointChoice(std::size_t count);

    /// The first endpoint, in turn order, that does not rest at `now`. If all rest, the one whose rest ends
    /// first.
    Choice pick(TimePoint now) const;

    /// Ends the turn of `index`.
    void pass(std::size_t index) { turn_ = (index + 1) % rests_until_.size(); }

    void rest(std::size_t index, TimePoint until) { rests_until_[index] = until; }

private:
    std::vector<TimePoint> rests_until_;
    std::size_t turn_ = 0;
};

}  // namespace kurs
