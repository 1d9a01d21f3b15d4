#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "kurs/board/board_change.hpp"
#include "kurs/board/failover.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/domain/quote.hpp"

namespace kurs {

/// What a client may be served, and until when the selection stays true if the board does not change.
struct Selection {
    VenueId venue{};
    std::vector<std::reference_wrapper<const Quote>> quotes;  ///< fresh ones only, in the configured order
    TimePoint valid_until{};                                  ///< when the first of them goes stale
};

/// The newest quote of every venue and direction, and which venue is active.
class Board {
public:
    /// `map` must outlive the board. The version grows from `first_version`: from the microseconds since 1970
    /// at the start, it grows across restarts too.
    Board(const MarketMap& map, Duration failback_after, std::uint64_t first_version = 0);

    void apply(Quote quote);

    /// Forgets a venue's quote of a direction, as when one of its symbols is no longer traded.
    void withdraw(VenueId venue, DirectionId direction);

    /// Brings the board to the change's version, if that is the larger one.
    void apply(const BoardChange& change);

    /// As `apply`, for a change that says all that is known: what it does not name is forgotten.
    void replace(const BoardChange& whole);

    /// All that is on the board; what is not is lost.
    BoardChange whole() const;

    /// To be called after changes and a few times a second, since freshness ends by itself.
    std::optional<VenueChange> choose_active(TimePoint now);

    /// Nothing until a direction was fresh for the first time.
    std::optional<VenueId> active() const;

    /// Grows with every change of a quote or of the active venue.
    std::uint64_t version() const { return version_; }

    /// Grows with every change, within this process: also with one that has no larger version.
    std::uint64_t revision() const { return revision_; }

    const Quote* find(VenueId venue, DirectionId direction) const;

    /// The venue's quotes of `directions` (all of the map's if empty) that are fresh at `now` and, where
    /// `max_age` is given, not older than that. Valid until the board changes.
    Selection select(VenueId venue, std::span<const DirectionId> directions, std::optional<Duration> max_age,
                     TimePoint now) const;

    /// How many of the venue's directions will still be fresh at `when`.
    std::size_t count_fresh(VenueId venue, TimePoint when) const;

    const MarketMap& map() const { return map_; }

private:
    void note_change(std::uint64_t version);
    void follow(const ActiveChange& change);
    std::optional<Quote>& slot(VenueId venue, DirectionId direction);

    const MarketMap& map_;
    Failover failover_;
    std::vector<std::optional<Quote>> quotes_;  ///< venue by venue, each in the order of the map's directions
    std::optional<ActiveChange> active_change_;
    std::uint64_t version_;
    std::uint64_t revision_ = 0;
};

}  // namespace kurs
