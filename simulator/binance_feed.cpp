#include "binance_feed.hpp"

#include <algorithm>

#include "binance_payloads.hpp"
#include "stream_name.hpp"

namespace sim {
namespace {

constexpr Millis ticker_every{1000};
constexpr Millis most_to_catch_up{1000};

StreamEvent make_event(const std::string& symbol, const char* kind, std::string payload) {
    return {symbol, kind, to_lower(symbol) + "@" + kind, std::move(payload)};
}

}  // namespace

BinanceFeed::BinanceFeed(Market& market, Replay& replay, FeedPolicy policy, std::uint64_t seed, Instant now)
    : market_(market), replay_(replay), policy_(policy), random_(seed + 1) {
    std::int64_t phase = 0;
    for (const auto& [symbol, listing] : market.listings()) {
        if (listing.instrument.status != Status::trading) continue;
        // Spreads the tickers of different symbols over different milliseconds.
        phase = (phase + 37) % ticker_every.count();
        schedules_[symbol] = {now, now + Millis{phase}};
    }
}

void BinanceFeed::advance(Instant now, const PublishEvent& publish) {
    const auto play_frame = [&](const CapturedFrame& frame, std::int64_t shift) {
        play(frame, shift, now, publish);
    };
    replay_.advance(now, play_frame);
    const auto finished = policy_.confirm_after_replay ? replay_.finished_symbols() : std::set<std::string>{};

    for (auto& [symbol, schedule] : schedules_) {
        const auto& listing = *market_.find(symbol);
        schedule.next_book = std::max(schedule.next_book, now - most_to_catch_up);
        while (walks(listing) && schedule.next_book <= now) {
            step(symbol, now, publish);
            schedule.next_book += pause_before_next_book(listing);
        }
        if (schedule.next_tickers > now) continue;
        while (schedule.next_tickers <= now) schedule.next_tickers += ticker_every;
        // A symbol whose capture has no book has no price to confirm.
        const bool has_price = listing.last.price.units > 0;
        if (has_price && (walks(listing) || finished.contains(symbol)))
            publish_tickers(listing, now, publish);
    }
}

/// A pinned symbol of a capture also walks: its prices are fixed, its quantities change.
bool BinanceFeed::walks(const Listing& listing) const {
    return !listing.is_replayed || listing.is_pinned;
}

void BinanceFeed::step(const std::string& symbol, Instant now, const PublishEvent& publish) {
    const auto trade = market_.step(symbol, now);
    const auto& listing = *market_.find(symbol);
    publish(make_event(symbol, "bookTicker", book_ticker_payload(listing)));
    if (!trade) return;
    publish(make_event(symbol, "aggTrade", aggregate_trade_payload(listing, *trade)));
    publish(make_event(symbol, "trade", trade_payload(listing, *trade)));
}

void BinanceFeed::show(std::string_view symbol, const PublishEvent& publish) const {
    const auto* listing = market_.find(symbol);
    if (listing && listing->instrument.status == Status::trading)
        publish(make_event(listing->instrument.symbol, "bookTicker", book_ticker_payload(*listing)));
}

void BinanceFeed::play(const CapturedFrame& frame, std::int64_t shift, Instant now,
                       const PublishEvent& publish) {
    const auto* listing = market_.find(frame.symbol);
    if (listing && listing->is_pinned) return;
    auto payload = frame.payload;
    if (frame.kind == "bookTicker") {
        if (shift != 0) payload = with_later_update_id(std::move(payload), shift);
        market_.replay_book(frame.symbol, parse_book(payload), now);
    } else if (!policy_.keep_original_event_time) {
        payload = with_event_time(std::move(payload), now);
    }
    publish({frame.symbol, frame.kind, frame.stream, std::move(payload)});
}

void BinanceFeed::publish_tickers(const Listing& listing, Instant now, const PublishEvent& publish) const {
    const auto& symbol = listing.instrument.symbol;
    publish(make_event(symbol, "miniTicker", mini_ticker_payload(listing, now)));
    if (listing.is_replayed) return;
    publish(make_event(symbol, "ticker", ticker_payload(listing, now)));
    publish(make_event(symbol, "avgPrice", average_price_payload(listing, now)));
}

Millis BinanceFeed::pause_before_next_book(const Listing& listing) {
    const double rate = std::max(listing.instrument.books_per_second, 1.0) * policy_.speed;
    const double jitter = 0.4 + 1.2 * (static_cast<double>(random_() % 1000) / 1000);
    return std::max(Millis{1}, Millis{static_cast<std::int64_t>(1000 / rate * jitter)});
}

}  // namespace sim
