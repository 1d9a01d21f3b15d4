#include "kurs/ingest/draft.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace kurs {
namespace {

/// A standby is polled this long before the active venue goes stale, so that it responds in time. Frames
/// arrive every second, so a live venue never gets this close.
constexpr Duration notice = std::chrono::seconds(2);

/// A request by name keeps a venue needed for this long, which exceeds the interval of such clients.
constexpr Duration wanted_for = std::chrono::minutes(2);

constexpr Duration longest_wait = std::chrono::milliseconds(100);

/// An older value of a symbol is no longer true, even if the newest one is refused.
std::vector<Tick> newest_of_each(std::vector<Tick> ticks) {
    std::ranges::stable_sort(ticks, std::greater{}, &Tick::observed_at);
    std::ranges::stable_sort(ticks, {}, &Tick::symbol);
    const auto [first, last] = std::ranges::unique(ticks, {}, &Tick::symbol);
    ticks.erase(first, last);
    return ticks;
}

/// The ticks that the board's quotes were made from.
std::vector<Tick> known_ticks(const BoardChange& board) {
    std::vector<Tick> ticks;
    for (const auto& quote : board.quotes) {
        for (const auto& leg : quote.legs) ticks.push_back({leg.symbol, leg.bid, leg.ask, leg.observed_at});
    }
    return ticks;
}

}  // namespace

Draft::Draft(const MarketMap& map, Duration failback_after, Duration delay, const BoardChange& published,
             TimePoint now)
    : map_(map),
      delay_(delay),
      pricer_(map),
      board_(map, failback_after),
      wanted_at_(map.venues.size()),
      route_counts_(map.venues.size(), 0) {
    for (const Route& route : map.routes) ++route_counts_[index(route.venue)];
    board_.apply(published);
    fold(pricer_.restore(newest_of_each(known_ticks(published)), now));
}

DraftUpdate Draft::apply(const std::vector<Tick>& ticks, TimePoint now) {
    auto update = fold(pricer_.apply(trading(ticks), now));
    choose_active(update, now);
    return update;
}

BoardChange Draft::restore(const std::vector<Tick>& ticks, TimePoint now) {
    fold(pricer_.restore(newest_of_each(trading(ticks)), now));
    return board_.snapshot();
}

std::optional<DraftUpdate> Draft::set_trading(SymbolId symbol, bool is_trading, TimePoint now) {
    if (is_trading) {
        if (not_trading_.erase(symbol) == 0) return std::nullopt;
        return DraftUpdate{};
    }
    if (!not_trading_.insert(symbol).second) return std::nullopt;
    auto update = fold(pricer_.withdraw(symbol, now));
    choose_active(update, now);
    return update;
}

DraftUpdate Draft::follow_time(TimePoint now) {
    DraftUpdate update;
    choose_active(update, now);
    return update;
}

Duration Draft::until_next_change(TimePoint now) const {
    const auto active = board_.active();
    if (!active) return longest_wait;
    const auto served_at = now + delay_;
    const auto selection = board_.select(*active, {}, {}, served_at);
    if (selection.quotes.empty()) return longest_wait;
    return std::clamp(Duration(selection.valid_until - served_at), Duration{1}, longest_wait);
}

bool Draft::is_short_soon(VenueId venue, TimePoint now) const {
    return board_.count_fresh(venue, now + notice) < route_counts_[index(venue)];
}

bool Draft::is_needed(VenueId venue, TimePoint now) const {
    const bool is_wanted = now - wanted_at_[index(venue)] < wanted_for;
    if (is_wanted || board_.active() == venue) return true;
    for (const VenueId preferred : map_.exchangers) {
        if (preferred == venue) return false;
        if (is_short_soon(preferred, now)) return true;
    }
    return false;
}

std::vector<Tick> Draft::trading(std::vector<Tick> ticks) const {
    std::erase_if(ticks, [this](const Tick& tick) { return not_trading_.contains(tick.symbol); });
    return ticks;
}

DraftUpdate Draft::fold(Repricing repricing) {
    DraftUpdate update;
    update.change.quotes = std::move(repricing.quotes);
    for (const auto& lost : repricing.lost) {
        if (board_.find(lost.venue, lost.direction)) update.change.lost.push_back(lost);
    }
    update.refused = std::move(repricing.refused);
    update.reference_changes = std::move(repricing.reference_changes);
    board_.apply(update.change);
    return update;
}

void Draft::choose_active(DraftUpdate& update, TimePoint now) {
    const auto served_at = now + delay_;
    update.active = board_.choose_active(served_at);
    if (update.active)
        update.change.active = ActiveChange{served_at, map_.name(update.active->to), update.active->reason};
}

}  // namespace kurs
