#pragma once

#include <optional>
#include <set>
#include <vector>

#include "kurs/board/board.hpp"
#include "kurs/board/jury.hpp"
#include "kurs/pricing/pricer.hpp"

namespace kurs {

/// A change of a quote's standing among those of other venues.
struct StandingChange {
    DirectionId direction{};
    Standing before{};
    Verdict verdict;
};

/// The effect on the draft of one frame, one poll result, or the passing of time.
struct DraftUpdate {
    BoardChange change;
    std::optional<VenueChange> active;
    std::vector<RefusedTick> refused;
    std::vector<ReferenceSourceChange> reference_changes;
    std::vector<StandingChange> standings;
};

/// The board as the writer has it before publishing: ticks in, board changes out. Compares the venues' quotes
/// of each direction, marks those that are disputed, and adds what the others agree on. Also decides which
/// venues' values are needed. Pure: time is an argument.
class Draft {
public:
    /// Starts from the newest published board. `map` must outlive the draft. `delay` is the time between
    /// making and serving a change; the active venue is chosen for the time of serving.
    Draft(const MarketMap& map, Duration failback_after, Duration delay, const BoardChange& published,
          TimePoint now);

    DraftUpdate apply(const std::vector<Tick>& ticks, TimePoint now);

    /// Ticks of an earlier run, with their original times. They are used where nothing newer is known.
    /// Returns a snapshot.
    BoardChange restore(const std::vector<Tick>& ticks, TimePoint now);

    /// Values of a symbol that is not trading are not used. Empty if the state is unchanged.
    std::optional<DraftUpdate> set_trading(SymbolId symbol, bool is_trading, TimePoint now);

    /// Quotes become stale by time alone. Call this after `until_next_change` at the latest.
    DraftUpdate follow_time(TimePoint now);
    Duration until_next_change(TimePoint now) const;

    /// Clients request this venue by name: its values are needed for a while.
    void note_wanted(VenueId venue, TimePoint now) { wanted_at_[index(venue)] = now; }

    /// The sources of all reference rates.
    std::vector<ReferenceReport> report_references(TimePoint now) const { return pricer_.report(now); }

    /// Whether the venue will soon serve fewer directions than it has routes for.
    bool is_short_soon(VenueId venue, TimePoint now) const;

    /// Whether the venue's values are needed: it is active, clients request it by name, or a preferred venue
    /// or a consensus in use is about to run short.
    bool is_needed(VenueId venue, TimePoint now) const;

private:
    std::vector<Tick> trading(std::vector<Tick> ticks) const;
    DraftUpdate fold(Repricing repricing, TimePoint now, const std::vector<Tick>& served = {});
    void resume(const std::vector<Quote>& quotes, const std::vector<Tick>& served, TimePoint now);
    void compare(DirectionId direction, DraftUpdate& update, TimePoint now);
    void judge(DirectionId direction, DraftUpdate& update, TimePoint now);
    void agree(DirectionId direction, DraftUpdate& update, TimePoint now);
    void change(Quote quote, DraftUpdate& update);
    void choose_active(DraftUpdate& update, TimePoint now);

    const MarketMap& map_;
    Duration delay_;
    Pricer pricer_;
    Board board_;
    std::vector<std::optional<Jury>> juries_;  ///< of each direction; none if venues are not compared
    DraftUpdate first_;                        ///< what the comparison of the published quotes changed
    std::set<SymbolId> not_trading_;
    std::vector<TimePoint> wanted_at_;       ///< when each venue was last requested by name
    std::vector<std::size_t> route_counts_;  ///< number of directions that each venue has routes for
};

}  // namespace kurs
