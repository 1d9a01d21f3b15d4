#include "kurs/board/board.hpp"

#include <algorithm>

namespace kurs {

Board::Board(const MarketMap& map, Duration failback_after, std::uint64_t first_version)
    : map_(map),
      failover_(map.exchangers.size(), failback_after),
      quotes_(map.venues.size() * map.directions.size()),
      version_(first_version) {}

void Board::apply(Quote quote) {
    auto& held = slot(quote.venue, quote.direction);
    held = std::move(quote);
    note_change(version_ + 1);
}

void Board::withdraw(VenueId venue, DirectionId direction) {
    auto& held = slot(venue, direction);
    if (!held) return;
    held.reset();
    note_change(version_ + 1);
}

void Board::apply(const BoardChange& change) {
    if (change.is_snapshot) std::ranges::fill(quotes_, std::nullopt);
    for (const auto& quote : change.quotes) slot(quote.venue, quote.direction) = quote;
    for (const auto& [venue, direction] : change.lost) slot(venue, direction).reset();
    if (change.active) follow(*change.active);
    note_change(std::max(version_, change.version));
}

BoardChange Board::snapshot() const {
    BoardChange snapshot;
    snapshot.is_snapshot = true;
    snapshot.version = version_;
    for (std::size_t venue = 0; venue < map_.venues.size(); ++venue) {
        for (std::size_t direction = 0; direction < map_.directions.size(); ++direction) {
            const auto& held = quotes_[venue * map_.directions.size() + direction];
            if (held) {
                snapshot.quotes.push_back(*held);
            } else {
                snapshot.lost.push_back({static_cast<VenueId>(venue), static_cast<DirectionId>(direction)});
            }
        }
    }
    snapshot.active = active_change_;
    return snapshot;
}

void Board::note_change(std::uint64_t version) {
    version_ = version;
    ++revision_;
}

void Board::follow(const ActiveChange& change) {
    const auto is_it = [&](VenueId id) { return map_.name(id) == change.venue; };
    const auto found = std::ranges::find_if(map_.exchangers, is_it);
    if (found == map_.exchangers.end()) return;
    failover_.follow(static_cast<std::size_t>(found - map_.exchangers.begin()));
    active_change_ = change;
}

std::optional<VenueChange> Board::choose_active(TimePoint now, Duration ahead) {
    std::vector<std::size_t> fresh;
    fresh.reserve(map_.exchangers.size());
    for (const VenueId venue : map_.exchangers) fresh.push_back(count_fresh(venue, now + ahead));
    const auto before = active();
    auto decision = failover_.decide(fresh, now);
    if (!decision) return std::nullopt;
    note_change(version_ + 1);
    if (const auto disputed = before ? count_disputed(*before, now) : 0; disputed > 0)
        decision->reason += ", " + std::to_string(disputed) + " of " + map_.name(*before) + " disputed";
    active_change_ = ActiveChange{now, map_.name(map_.exchangers[decision->to]), decision->reason};
    return VenueChange{before, map_.exchangers[decision->to], std::move(decision->reason)};
}

std::optional<VenueId> Board::active() const {
    const auto active = failover_.active();
    if (!active) return std::nullopt;
    return map_.exchangers[*active];
}

const Quote* Board::find(VenueId venue, DirectionId direction) const {
    const auto& held = quotes_[index(venue) * map_.directions.size() + index(direction)];
    return held ? &*held : nullptr;
}

Selection Board::select(VenueId venue, std::span<const DirectionId> directions,
                        std::optional<Duration> max_age, TimePoint now) const {
    Selection selection{venue, {}, TimePoint::max()};
    for (std::size_t i = 0; i < map_.directions.size(); ++i) {
        const auto direction = static_cast<DirectionId>(i);
        const bool is_wanted =
            directions.empty() || std::ranges::find(directions, direction) != directions.end();
        const Quote* const quote = is_wanted ? find(venue, direction) : nullptr;
        if (!quote || quote->is_disputed()) continue;
        // A quote that is exactly max_age old is still served.
        const auto stale_at = max_age
                                  ? std::min(quote->fresh_until, quote->observed_at + *max_age + Duration{1})
                                  : quote->fresh_until;
        if (now >= stale_at) continue;
        selection.quotes.emplace_back(*quote);
        selection.valid_until = std::min(selection.valid_until, stale_at);
    }
    return selection;
}

std::size_t Board::count_fresh(VenueId venue, TimePoint when) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < map_.directions.size(); ++i) {
        const Quote* const quote = find(venue, static_cast<DirectionId>(i));
        if (quote && quote->is_fresh(when)) ++count;
    }
    return count;
}

std::size_t Board::count_disputed(VenueId venue, TimePoint when) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < map_.directions.size(); ++i) {
        const Quote* const quote = find(venue, static_cast<DirectionId>(i));
        if (quote && quote->is_disputed() && when < quote->fresh_until) ++count;
    }
    return count;
}

std::vector<std::string> unserved_exchangers(const Board& board, TimePoint now) {
    const auto& map = board.map();
    std::vector<std::string> reasons;
    for (const VenueId venue : map.exchangers) {
        if (board.count_fresh(venue, now) > 0) return {};
        const auto routes = std::ranges::count(map.routes, venue, &Route::venue);
        reasons.push_back(map.name(venue) + " has no fresh quote of its " + std::to_string(routes) +
                          " directions");
    }
    return reasons;
}

std::optional<Quote>& Board::slot(VenueId venue, DirectionId direction) {
    return quotes_[index(venue) * map_.directions.size() + index(direction)];
}

}  // namespace kurs
