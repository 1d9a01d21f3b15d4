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
/// was left takes over again only after it has been as good as the active one for `failback_after` without a
/// break.
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
        bool was_left = false;                   ///< it was active once and had to be left
        std::optional<TimePoint> healthy_since;  ///< since when it has been as good as the active one
    };

    bool may_take_over(std::size_t venue, TimePoint now) const;
    Decision change_to(std::size_t venue, std::string reason);

    std::vector<Standing> standings_;
    Duration failback_after_;
    std::optional<std::size_t> active_;
};

}  // namespace kurs
