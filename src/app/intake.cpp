#include "kurs/app/intake.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace kurs {
namespace {

/// A venue whose values will not be fresh this much later is about to fail: its standby is asked now, so that
/// it answers in time. Frames come every second, so a living venue never comes near.
constexpr Duration notice = std::chrono::seconds(2);

/// How long a client that names its exchanger keeps it needed: longer than such clients' pauses.
constexpr Duration pinned_for = std::chrono::minutes(2);

constexpr Duration longest_wait = std::chrono::milliseconds(100);

}  // namespace

std::vector<std::string> lacking_exchangers(const Board& board, TimePoint now) {
    const auto& map = board.map();
    std::vector<std::string> reasons;
    for (const VenueId venue : map.exchangers) {
        if (board.count_fresh(venue, now) > 0) return {};
        const auto routes = std::ranges::count(map.routes, venue, &Route::venue);
        reasons.push_back(map.name(venue) + " has nothing fresh of " + std::to_string(routes) +
                          " directions");
    }
    return reasons;
}

Intake::Intake(const MarketMap& map, const Clock& clock, Pricer& pricer, Board& board, IntakeEvents events,
               Duration foresight)
    : map_(map),
      clock_(clock),
      pricer_(pricer),
      board_(board),
      events_(std::move(events)),
      foresight_(foresight),
      pinned_at_(map.venues.size()),
      refusals_(map.venues.size()),
      route_counts_(map.venues.size(), 0) {
    for (const Route& route : map.routes) ++route_counts_[index(route.venue)];
}

void Intake::take(VenueId venue, const Outcome& outcome) {
    const auto now = clock_.now();
    auto repricing = pricer_.apply(trading(outcome.ticks), now);
    for (const auto& [symbol, reason] : repricing.refused) {
        const auto& name = map_.symbol(symbol).name;
        spdlog::debug("pricer refused {} of {}: {}", name, map_.name(venue), to_string(reason));
        refusals_[index(venue)].add({reason, name});
        events_.on_refusal(venue, reason);
    }
    publish(std::move(repricing), now);
    report_refusals(venue, now);
    follow_time();
}

void Intake::restore(const std::vector<Tick>& ticks) {
    auto repricing = pricer_.restore(trading(ticks), clock_.now());
    put_on_board(repricing);
    follow_time();
}

std::vector<Tick> Intake::trading(std::vector<Tick> ticks) const {
    std::erase_if(ticks, [this](const Tick& tick) { return not_trading_.contains(tick.symbol); });
    return ticks;
}

void Intake::publish(Repricing repricing, TimePoint now) {
    for (const Quote& quote : repricing.quotes) events_.on_quote(quote, now);
    for (const auto& lost : repricing.lost) {
        if (board_.find(lost.venue, lost.direction)) events_.on_loss(lost, now);
    }
    put_on_board(repricing);
}

void Intake::put_on_board(Repricing& repricing) {
    for (Quote& quote : repricing.quotes) board_.apply(std::move(quote));
    for (const auto& [venue, direction] : repricing.lost) board_.withdraw(venue, direction);
    for (const auto& change : repricing.fiat_changes) report(change);
}

void Intake::set_trading(SymbolId symbol, bool is_trading) {
    if (is_trading) {
        not_trading_.erase(symbol);
        return;
    }
    not_trading_.insert(symbol);
    const auto now = clock_.now();
    publish(pricer_.withdraw(symbol, now), now);
    follow_time();
}

void Intake::follow_time() {
    const auto served_at = clock_.now() + foresight_;
    const auto change = board_.choose_active(served_at);
    if (!change) return;
    events_.on_active_change({served_at, map_.name(change->to), change->reason});
    if (!change->from)
        return spdlog::info("active exchanger is {}: {}", map_.name(change->to), change->reason);
    spdlog::warn("active exchanger is now {}, was {}: {}", map_.name(change->to), map_.name(*change->from),
                 change->reason);
}

Duration Intake::until_next_change() const {
    const auto active = board_.active();
    if (!active) return longest_wait;
    const auto served_at = clock_.now() + foresight_;
    const auto selection = board_.select(*active, {}, {}, served_at);
    if (selection.quotes.empty()) return longest_wait;
    return std::clamp(Duration(selection.valid_until - served_at), Duration{1}, longest_wait);
}

bool Intake::is_needed(VenueId venue) const {
    const bool is_pinned = clock_.now() - pinned_at_[index(venue)] < pinned_for;
    if (is_pinned || board_.active() == venue) return true;
    for (const VenueId preferred : map_.exchangers) {
        if (preferred == venue) return false;
        if (is_short_soon(preferred)) return true;
    }
    return false;
}

bool Intake::is_short_soon(VenueId venue) const {
    return board_.count_fresh(venue, clock_.now() + notice) < route_counts_[index(venue)];
}

void Intake::report(const FiatSourceChange& change) const {
    const auto& leg = map_.fiat_legs[index(change.fiat)];
    if (!change.source) return spdlog::error("fiat leg {} has no fresh source", leg.direction.text());
    std::string legs;
    for (const Leg& part : leg.sources[*change.source]) {
        const auto& symbol = map_.symbol(part.symbol);
        if (legs.empty())
            legs = map_.name(symbol.venue) + (part.inverted ? " 1 / " : " ") + symbol.name;
        else
            legs += (part.inverted ? " / " : " * ") + symbol.name;
    }
    spdlog::log(*change.source == 0 ? spdlog::level::info : spdlog::level::warn,
                "fiat leg {} is now made from {}{}", leg.direction.text(), legs,
                *change.source == 0 ? "" : ", since what comes before it is not fresh");
}

void Intake::report_refusals(VenueId venue, TimePoint now) {
    const auto report = refusals_[index(venue)].report(now);
    if (report) spdlog::warn("pricer refused {} of {}", *report, map_.name(venue));
}

}  // namespace kurs
