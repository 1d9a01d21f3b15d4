#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "kurs/board/board.hpp"
#include "kurs/domain/history.hpp"
#include "kurs/feed/feed_state.hpp"
#include "kurs/feed/refusal_count.hpp"
#include "kurs/pricing/pricer.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs {

/// What is to be recorded of what happens. All must be set.
struct IntakeEvents {
    std::function<void(const Quote&, TimePoint now)> on_quote;
    std::function<void(const LostDirection&, TimePoint now)> on_loss;
    std::function<void(ActiveChange)> on_active_change;
    std::function<void(VenueId, errc)> on_refusal = [](VenueId, errc) {};
};

/// For each exchanger, how much of what it could it serves; empty if any direction is fresh.
std::vector<std::string> lacking_exchangers(const Board& board, TimePoint now);

/// Takes what the feeds deliver to the pricer and the board, says in the log what changed, and knows whose
/// values are needed.
class Intake {
public:
    /// All must outlive the intake. `foresight`: how long before an exchanger goes stale another becomes
    /// active, as what changes is served that much later.
    Intake(const MarketMap& map, const Clock& clock, Pricer& pricer, Board& board, IntakeEvents events,
           Duration foresight);

    void take(VenueId venue, const Outcome& outcome);

    /// Ticks that were known when the service last ran, with the age they have by now: they are priced where
    /// nothing newer is known, and not recorded again.
    void restore(const std::vector<Tick>& ticks);

    /// A symbol that is not trading is not served, whatever still comes of it.
    void set_trading(SymbolId symbol, bool is_trading);

    /// Freshness ends by itself: to be called at `next_change` at the latest.
    void follow_time();

    /// A client asked for this exchanger by name: its values are needed for a while.
    void note_pinned(VenueId venue, TimePoint now) { pinned_at_[index(venue)] = now; }

    /// How long nothing can change by time alone, at most 100 ms.
    Duration until_next_change() const;

    /// Whether the venue will soon serve less than it can make.
    bool is_short_soon(VenueId venue) const;

    /// Whether the exchanger's values are wanted now: it is the active one, clients ask for it by name, or
    /// one before it is about to serve less than it could.
    bool is_needed(VenueId venue) const;

private:
    std::vector<Tick> trading(std::vector<Tick> ticks) const;
    void publish(Repricing repricing, TimePoint now);
    void put_on_board(Repricing& repricing);
    void report(const FiatSourceChange& change) const;
    void report_refusals(VenueId venue, TimePoint now);

    const MarketMap& map_;
    const Clock& clock_;
    Pricer& pricer_;
    Board& board_;
    IntakeEvents events_;
    Duration foresight_;
    std::set<SymbolId> not_trading_;
    std::vector<TimePoint> pinned_at_;       ///< when each venue was last asked for by name
    std::vector<RefusalCount> refusals_;     ///< of each venue
    std::vector<std::size_t> route_counts_;  ///< how many directions each venue can make
};

}  // namespace kurs
