#include "kurs/app/troubles.hpp"

#include <algorithm>

#include "kurs/exports/offer.hpp"

namespace kurs {
namespace {

using alerts::Kind;
using alerts::Trouble;
using Troubles = std::vector<Trouble>;

/// As in the rule of Prometheus (monitoring/prometheus/alerts.yml).
constexpr std::int64_t few_credits = 10;

/// A first value is not served either. Unless it says so, nothing contradicts it.
constexpr std::string_view unconfirmed[]{"first value, not confirmed", "first value, without"};

bool is_disputed(const Quote* quote, TimePoint now) {
    if (!quote || !quote->is_disputed() || now >= quote->fresh_until) return false;
    return std::ranges::none_of(unconfirmed, [&](auto text) { return quote->dispute.starts_with(text); });
}

/// Directions that the active exchanger quotes, or any exchanger if none is active.
void add_stale_rates(const Board& board, TimePoint now, Troubles& found) {
    const auto& map = board.map();
    const auto active = board.active();
    for (std::size_t i = 0; i < map.directions.size(); ++i) {
        const auto direction = static_cast<DirectionId>(i);
        if (active && !map.find_route(*active, direction)) continue;
        const auto* const quote = active ? board.find(*active, direction) : nullptr;
        if (quote && quote->is_fresh(now)) continue;
        std::string reason =
            active ? "The active exchanger is " + map.name(*active) + "." : "No exchanger is active.";
        if (is_disputed(quote, now)) reason += " Other venues contradict its rate.";
        found.push_back({Kind::rate_stale, map.direction(direction).text(), std::move(reason)});
    }
}

void add_disputes(const Board& board, TimePoint now, Troubles& found) {
    const auto& map = board.map();
    for (const VenueId venue : map.exchangers) {
        std::string reason;
        for (std::size_t i = 0; i < map.directions.size(); ++i) {
            const auto direction = static_cast<DirectionId>(i);
            const auto* const quote = board.find(venue, direction);
            if (!is_disputed(quote, now)) continue;
            reason.append(reason.empty() ? "" : "; ").append(map.direction(direction).text());
            reason.append(": ").append(quote->dispute);
        }
        if (!reason.empty()) found.push_back({Kind::exchanger_disputed, map.name(venue), std::move(reason)});
    }
}

/// Whether any quote of an exchanger is fresh, disputed or not.
bool has_fresh_quote(const Board& board, VenueId venue, TimePoint now) {
    return board.count_fresh(venue, now) + board.count_disputed(venue, now) > 0;
}

bool is_well(const FeedReport& feed) {
    return feed.state == FeedState::live || feed.state == FeedState::waiting;
}

/// Exchangers without a fresh quote, and sources of reference rates without a feed that works. The consensus
/// has no feeds.
void add_lost_venues(const Board& board, const std::vector<FeedReport>& feeds, TimePoint now,
                     Troubles& found) {
    const auto& map = board.map();
    for (std::size_t i = 0; i < map.venues.size(); ++i) {
        const auto venue = static_cast<VenueId>(i);
        std::string reason;
        bool delivers = false;
        for (const auto& feed : feeds) {
            if (feed.venue != venue) continue;
            delivers |= is_well(feed);
            reason.append(reason.empty() ? "" : "; ").append(feed.name).append(" is ");
            reason.append(to_string(feed.state)).append(": ").append(feed.reason);
        }
        if (std::ranges::find(map.exchangers, venue) != map.exchangers.end())
            delivers = has_fresh_quote(board, venue, now);
        if (!reason.empty() && !delivers)
            found.push_back({Kind::venue_lost, map.name(venue), std::move(reason)});
    }
}

void add_absent_items(const Board& board, const exports::Exports& exports,
                      const exports::ReserveBook& reserves, TimePoint now, Troubles& found) {
    for (const auto& shown : exports.all) {
        const auto venue = shown.exchanger ? shown.exchanger : board.active();
        for (const auto& item : shown.items) {
            if (item.hours && !item.hours->is_open(now)) continue;
            const auto* const quote = venue ? board.find(*venue, item.direction) : nullptr;
            const auto offer = make_offer(item, quote, reserves, now);
            if (offer) continue;
            auto subject = shown.name + ": " + item.from.name + " -> " + item.to.name;
            if (!item.city.empty()) subject += ", " + item.city;
            found.push_back({Kind::export_absent, std::move(subject), offer.error()});
        }
    }
}

void add_history(const metrics::ArchiveReading& archive, Troubles& found) {
    if (archive.is_writing) return;
    found.push_back({Kind::history_lost, "history",
                     std::to_string(archive.waiting_rows) + " rows wait, " +
                         std::to_string(archive.lost_rows) + " are lost."});
}

}  // namespace

std::vector<Trouble> find_troubles(const TroublePoints& points, TimePoint now) {
    // Causes first: the number of alerts is limited.
    Troubles found;
    if (points.archive) add_history(*points.archive, found);
    for (const auto& [name, budget] : points.metered) {
        const auto left = budget.credits_left(now);
        if (left && *left < few_credits)
            found.push_back({Kind::credits_low, name, std::to_string(*left) + " are left."});
    }
    add_lost_venues(points.board, points.feeds, now, found);
    add_disputes(points.board, now, found);
    add_stale_rates(points.board, now, found);
    add_absent_items(points.board, points.exports, points.reserves, now, found);
    return found;
}

}  // namespace kurs
