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

/// The quotes to serve, and how long the selection is valid if the board does not change.
struct Selection {
    VenueId venue{};
    std::vector<std::reference_wrapper<const Quote>> quotes;  ///< fresh quotes only, in the configured order
    TimePoint valid_until{};                                  ///< when the first of them becomes stale
};

/// The newest quote of every venue and direction, and which venue is active.
class Board {
public:
    /// `map` must outlive the board. The version grows from `first_version`. If that is the number of
    /// microseconds since 1970 at startup, the version also grows across restarts.
    Board(const MarketMap& map, Duration failback_after, std::uint64_t first_version = 0);

    void apply(Quote quote);

    /// Removes a venue's quote of a direction, for example when one of its symbols is no longer traded.
    void withdraw(VenueId venue, DirectionId direction);

    /// Applies the change. The board's version becomes the change's version if that is larger.
    void apply(const BoardChange& change);

    /// A snapshot of the board. Directions without a quote are listed as lost.
    BoardChange snapshot() const;

    /// Updates the active venue: a quote counts if it is fresh for `ahead` longer. Called after changes and
    /// several times a second, since quotes become stale without a change.
    std::optional<VenueChange> choose_active(TimePoint now, Duration ahead = Duration{0});

    /// None until a direction has been fresh.
    std::optional<VenueId> active() const;

    /// Grows with every change of a quote or of the active venue.
    std::uint64_t version() const { return version_; }

    /// Counts every change in this process, including changes without a larger version.
    std::uint64_t revision() const { return revision_; }

    const Quote* find(VenueId venue, DirectionId direction) const;

    /// The venue's quotes of `directions` (all if empty) that are fresh at `now`, not disputed and not older
    /// than `max_age`, if given. Valid until the board changes.
    Selection select(VenueId venue, std::span<const DirectionId> directions, std::optional<Duration> max_age,
                     TimePoint now) const;

    /// The number of the venue's directions that are still fresh at `when`.
    std::size_t count_fresh(VenueId venue, TimePoint when) const;

    /// The number of the venue's directions that would be fresh at `when` if they were not disputed.
    std::size_t count_disputed(VenueId venue, TimePoint when) const;

    const MarketMap& map() const { return map_; }

private:
    void note_change(std::uint64_t version);
    void follow(const ActiveChange& change);
    std::optional<Quote>& slot(VenueId venue, DirectionId direction);

    const MarketMap& map_;
    Failover failover_;
    std::vector<std::optional<Quote>> quotes_;  ///< by venue, each in the order of the map's directions
    std::optional<ActiveChange> active_change_;
    std::uint64_t version_;
    std::uint64_t revision_ = 0;
};

/// Why each exchanger serves nothing. Empty if any direction of any exchanger is fresh.
std::vector<std::string> unserved_exchangers(const Board& board, TimePoint now);

}  // namespace kurs
