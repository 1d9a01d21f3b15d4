#pragma once

#include <vector>

#include "kurs/domain/time.hpp"

namespace kurs {

/// Which of a venue's endpoints comes next: round robin, passing over those that rest.
class EndpointChoice {
public:
    struct Choice {
        std::size_t index = 0;
        TimePoint at{};  ///< not earlier than this
    };

    /// Fails with std::invalid_argument on a count of zero.
    explicit EndpointChoice(std::size_t count);

    /// The first that is not resting at `now`, from the current turn on; if all rest, the earliest to be
    /// back.
    Choice pick(TimePoint now) const;

    /// `index` has had its turn.
    void pass(std::size_t index) { turn_ = (index + 1) % rests_until_.size(); }

    void rest(std::size_t index, TimePoint until) { rests_until_[index] = until; }

private:
    std::vector<TimePoint> rests_until_;
    std::size_t turn_ = 0;
};

}  // namespace kurs
