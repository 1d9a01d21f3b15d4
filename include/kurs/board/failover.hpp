#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// A change of the active venue, with the reason as text.
struct VenueChange {
    std::optional<VenueId> from;  ///< none at startup
    VenueId to{};
    std::string reason;
};

/// Decides which venue is active: the first, in order of priority, that serves the most fresh directions. A
/// venue that failed becomes active again only after it has been as good as the active one for
/// `failback_after` without interruption. A venue that was replaced while it was still starting has not
/// failed and takes over at once.
///
/// A start is not a failover: for a second from the first fresh direction, only the venue of the highest
/// priority becomes active, and it is not replaced while it serves anything.
class Failover {
public:
    Failover(std::size_t venues, Duration failback_after);

    /// `fresh` holds each exchanger's number of fresh directions, in order of priority. Returns the position
    /// to switch to with the reason, or none.
    struct Decision {
        std::size_t to;
        std::string reason;
    };
    std::optional<Decision> decide(const std::vector<std::size_t>& fresh, TimePoint now);

    /// Adopts the decision of another replica.
    void follow(std::size_t active);

    std::optional<std::size_t> active() const { return active_; }

private:
    struct Standing {
        std::size_t most_fresh = 0;  ///< its maximum so far
        bool has_failed = false;     ///< it served less than its maximum while active
        std::optional<TimePoint>
            healthy_since;  ///< start of the period in which it is as good as the active one
    };

    bool may_take_over(std::size_t venue, TimePoint now) const;
    void change_to(std::size_t venue, bool has_failed);

    std::vector<Standing> standings_;
    Duration failback_after_;
    std::optional<std::size_t> active_;
    std::optional<TimePoint> first_fresh_at_;
};

}  // namespace kurs
