#pragma once

#include <string>

#include "market.hpp"

namespace sim {

/// The payloads of the Binance streams, times in milliseconds.
std::string book_ticker_payload(const Listing& listing);
std::string mini_ticker_payload(const Listing& listing, Instant now);
std::string ticker_payload(const Listing& listing, Instant now);
std::string average_price_payload(const Listing& listing, Instant now);
std::string trade_payload(const Listing& listing, const Trade& trade);
std::string aggregate_trade_payload(const Listing& listing, const Trade& trade);

/// Shared with the REST responses.
Amount average_price(const Listing& listing);

/// The same payload with its times in microseconds.
std::string in_microseconds(const std::string& payload);

/// Puts `now` into every `"E":` of a recorded payload; all other bytes stay the same.
std::string with_event_time(std::string payload, Instant now);
/// Adds to the `"u":` of a recorded bookTicker payload.
std::string with_later_update_id(std::string payload, std::int64_t shift);

}  // namespace sim
