#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// A change of the active venue, with the sentence that explains it.
struct VenueChange {
    std::optional<VenueId> from;  ///< none at start
    VenueId to{};
    std::string reason;
};

/// Decides which venue is active: the first in priority that serves the most directions fresh. A venue that
/// failed takes over again only after it has been as good as the active one for `failback_after` without a
/// break. A venue that was left while it was still starting has not failed and takes over at once.
class Failover {
public:
    Failover(std::size_t venues, Duration failback_after);

    /// `fresh` counts each exchanger's fresh directions, in order of priority. Returns the place in that
    /// order to change to, with the reason, or nothing.
    struct Decision {
        std::size_t to;
        std::string reason;
    };
    std::optional<Decision> decide(const std::vector<std::size_t>& fresh, TimePoint now);

    /// Takes over what another copy decided.
    void follow(std::size_t active);

    std::optional<std::size_t> active() const { return active_; }

private:
    struct Standing {
        std::size_t most_fresh = 0;              ///< the most it has ever served
        bool has_failed = false;                 ///< it was active, and served less than it once did
        std::optional<TimePoint> healthy_since;  ///< since when it has been as good as the active one
    };

    bool may_take_over(std::size_t venue, TimePoint now) const;
    void change_to(std::size_t venue, bool has_failed);

    std::vector<Standing> standings_;
    Duration failback_after_;
    std::optional<std::size_t> active_;
};

}  // namespace kurs
