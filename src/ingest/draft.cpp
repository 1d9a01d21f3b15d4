#include "kurs/ingest/draft.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "kurs/pricing/consensus.hpp"

namespace kurs {
namespace {

/// A standby is polled this long before the active venue goes stale, so that it responds in time. Frames
/// arrive every second, so a live venue never gets this close.
constexpr Duration notice = std::chrono::seconds(2);

/// The active venue is left this long before it goes stale, so that no request meets that moment.
constexpr Duration leaves_before_stale{50};

/// A request by name keeps a venue needed for this long, which exceeds the interval of such clients.
constexpr Duration wanted_for = std::chrono::minutes(2);

/// A quote with less time left does not count in the consensus. Exchangers confirm their quotes every second
/// or two.
constexpr Duration counts_before_stale = std::chrono::seconds(1);

constexpr Duration longest_wait = std::chrono::milliseconds(100);

/// An older value of a symbol is no longer true, even if the newest one is refused.
std::vector<Tick> newest_of_each(std::vector<Tick> ticks) {
    const auto times = [](const Tick& tick) {
        return std::pair(tick.observed_at, tick.confirmation ? tick.confirmation->at : tick.observed_at);
    };
    std::ranges::stable_sort(ticks, std::greater{}, times);
    std::ranges::stable_sort(ticks, {}, &Tick::symbol);
    const auto [first, last] = std::ranges::unique(ticks, {}, &Tick::symbol);
    ticks.erase(first, last);
    return ticks;
}

/// The ticks that the board's quotes were made from, or those that are not disputed.
std::vector<Tick> known_ticks(const BoardChange& board, bool with_disputed = true) {
    std::vector<Tick> ticks;
    for (const auto& quote : board.quotes) {
        if (quote.is_disputed() && !with_disputed) continue;
        for (const auto& leg : quote.legs)
            ticks.push_back({leg.symbol, leg.bid, leg.ask, leg.observed_at, 0, leg.confirmation});
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
    juries_.resize(map.directions.size());
    for (std::size_t i = 0; i < map.allowances.size(); ++i)
        if (const auto allowance = map.allowances[i]) juries_[i].emplace(map, *allowance);
    board_.apply(published);
    first_ = fold(pricer_.restore(newest_of_each(known_ticks(published)), now), now,
                  known_ticks(published, false));
    std::erase_if(first_.change.quotes, [&published](const Quote& quote) {
        const auto is_it = [&quote](const Quote& other) {
            return other.venue == quote.venue && other.direction == quote.direction;
        };
        const auto found = std::ranges::find_if(published.quotes, is_it);
        return found != published.quotes.end() && found->is_disputed() == quote.is_disputed();
    });
    first_.change.lost.clear();
}

DraftUpdate Draft::apply(const std::vector<Tick>& ticks, TimePoint now) {
    auto update = fold(pricer_.apply(trading(ticks), now), now);
    choose_active(update, now);
    return update;
}

BoardChange Draft::restore(const std::vector<Tick>& ticks, TimePoint now) {
    const auto newest = newest_of_each(trading(ticks));
    fold(pricer_.restore(newest, now), now, newest);
    return board_.snapshot();
}

std::optional<DraftUpdate> Draft::set_trading(SymbolId symbol, bool is_trading, TimePoint now) {
    if (is_trading) {
        if (not_trading_.erase(symbol) == 0) return std::nullopt;
        return DraftUpdate{};
    }
    if (!not_trading_.insert(symbol).second) return std::nullopt;
    auto update = fold(pricer_.withdraw(symbol, now), now);
    choose_active(update, now);
    return update;
}

DraftUpdate Draft::follow_time(TimePoint now) {
    auto update = std::exchange(first_, {});
    for (std::size_t i = 0; i < juries_.size(); ++i)
        if (juries_[i] && now >= juries_[i]->next_change()) compare(static_cast<DirectionId>(i), update, now);
    choose_active(update, now);
    return update;
}

Duration Draft::until_next_change(TimePoint now) const {
    const auto active = board_.active();
    if (!active) return longest_wait;
    const auto served_at = now + delay_;
    const auto selection = board_.select(*active, {}, {}, served_at);
    if (selection.quotes.empty()) return longest_wait;
    const Duration left = selection.valid_until - served_at;
    return std::clamp(left > leaves_before_stale ? left - leaves_before_stale : left, Duration{1},
                      longest_wait);
}

bool Draft::is_short_soon(VenueId venue, TimePoint now) const {
    return board_.count_fresh(venue, now + notice) < route_counts_[index(venue)];
}

bool Draft::is_needed(VenueId venue, TimePoint now) const {
    const auto is_used = [&](VenueId id) {
        return now - wanted_at_[index(id)] < wanted_for || board_.active() == id;
    };
    if (is_used(venue) || pricer_.needs_witness(venue)) return true;
    if (map_.consensus && is_used(*map_.consensus) && is_short_soon(*map_.consensus, now)) return true;
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

/// `served`: ticks whose quotes were served before.
DraftUpdate Draft::fold(Repricing repricing, TimePoint now, const std::vector<Tick>& served) {
    DraftUpdate update;
    update.change.quotes = std::move(repricing.quotes);
    for (const auto& lost : repricing.lost) {
        if (board_.find(lost.venue, lost.direction)) update.change.lost.push_back(lost);
    }
    update.refused = std::move(repricing.refused);
    update.reference_changes = std::move(repricing.reference_changes);
    board_.apply(update.change);
    resume(update.change.quotes, served, now);
    std::set<DirectionId> directions;
    for (const auto& quote : update.change.quotes) directions.insert(quote.direction);
    for (const auto& lost : update.change.lost) directions.insert(lost.direction);
    for (const DirectionId direction : directions) compare(direction, update, now);
    return update;
}

/// Trusts the quotes whose own legs were served before.
void Draft::resume(const std::vector<Quote>& quotes, const std::vector<Tick>& served, TimePoint now) {
    for (const auto& quote : quotes) {
        auto& jury = juries_[index(quote.direction)];
        const auto was_served = [&](const QuoteLeg& leg) {
            if (map_.symbol(leg.symbol).venue != quote.venue) return true;
            return std::ranges::any_of(served, [&leg](const Tick& tick) {
                return tick.symbol == leg.symbol && tick.observed_at == leg.observed_at;
            });
        };
        if (!jury || served.empty() || !std::ranges::all_of(quote.legs, was_served)) continue;
        std::vector<const Quote*> alone(map_.venues.size());
        alone[index(quote.venue)] = &quote;
        jury->resume(alone, now);
    }
}

void Draft::compare(DirectionId direction, DraftUpdate& update, TimePoint now) {
    judge(direction, update, now);
    if (map_.consensus && map_.find_route(*map_.consensus, direction)) agree(direction, update, now);
}

/// Marks the quotes of a direction that may not be served.
void Draft::judge(DirectionId direction, DraftUpdate& update, TimePoint now) {
    auto& jury = juries_[index(direction)];
    if (!jury) return;
    std::vector<const Quote*> quotes(map_.venues.size());
    std::vector<Standing> before(map_.venues.size());
    for (const VenueId venue : map_.exchangers) {
        if (venue == map_.consensus) continue;
        quotes[index(venue)] = board_.find(venue, direction);
        before[index(venue)] = jury->standing(venue);
    }
    std::set<VenueId> changed;
    for (auto& verdict : jury->hear(quotes, now)) {
        changed.insert(verdict.venue);
        const auto standing_before = before[index(verdict.venue)];
        update.standings.push_back({direction, standing_before, std::move(verdict)});
    }
    for (const VenueId venue : map_.exchangers) {
        const Quote* const quote = quotes[index(venue)];
        // A stale quote is neither served nor heard.
        if (!quote || now >= quote->fresh_until) continue;
        const bool is_withheld = jury->is_withheld(venue);
        for (const auto& leg : quote->legs)
            if (is_withheld && map_.symbol(leg.symbol).venue == venue) pricer_.doubt(leg.symbol);
        // The figures of a reason change with every tick. A quote keeps those of the last change of its
        // standing.
        if (quote->is_disputed() == is_withheld && !changed.contains(venue)) continue;
        auto judged = *quote;
        judged.dispute = is_withheld ? jury->verdict(venue).reason : "";
        change(std::move(judged), update);
    }
}

/// The consensus counts what is fresh for a while yet, so that it does not become stale with an exchanger
/// that is outnumbered.
void Draft::agree(DirectionId direction, DraftUpdate& update, TimePoint now) {
    const VenueId venue = *map_.consensus;
    std::vector<const Quote*> quotes(map_.venues.size());
    for (const VenueId each : map_.exchangers) quotes[index(each)] = board_.find(each, direction);
    auto consensus = find_consensus(map_, direction, quotes, now + counts_before_stale).quote;
    const Quote* const before = board_.find(venue, direction);
    if (consensus && (!before || *consensus != *before)) {
        change(*std::move(consensus), update);
    } else if (!consensus && before) {
        board_.withdraw(venue, direction);
        update.change.lost.push_back({venue, direction});
    }
}

/// Puts the quote on the board and into the update, instead of an earlier one.
void Draft::change(Quote quote, DraftUpdate& update) {
    board_.apply(quote);
    const auto is_it = [&](const Quote& each) {
        return each.venue == quote.venue && each.direction == quote.direction;
    };
    const auto found = std::ranges::find_if(update.change.quotes, is_it);
    if (found != update.change.quotes.end()) {
        *found = std::move(quote);
    } else {
        update.change.quotes.push_back(std::move(quote));
    }
}

void Draft::choose_active(DraftUpdate& update, TimePoint now) {
    const auto served_at = now + delay_;
    update.active = board_.choose_active(served_at, leaves_before_stale);
    if (update.active)
        update.change.active = ActiveChange{served_at, map_.name(update.active->to), update.active->reason};
}

}  // namespace kurs
