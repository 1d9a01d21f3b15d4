#pragma once

#include "kurs/board/board.hpp"

namespace kurs::http {

using namespace std::chrono_literals;

inline constexpr VenueId binance{0};
inline constexpr VenueId coingecko{1};
inline constexpr VenueId cbr{2};  // a source of fiat legs, not an exchanger
inline constexpr DirectionId btc_rub{0};
inline constexpr DirectionId btc_usd{1};
inline constexpr DirectionId eth_usd{2};
inline constexpr TimePoint noon{1'700'000'000s};

inline Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

inline MarketMap small_market() {
    MarketMap map;
    map.venues = {"binance", "coingecko", "cbr"};
    map.exchangers = {binance, coingecko};
    for (const auto* text : {"BTC-RUB", "BTC-USD", "ETH-USD"})
        map.directions.push_back(*Direction::parse(text));
    return map;
}

inline Quote quote(VenueId venue, DirectionId direction, std::string_view value, TimePoint observed_at = noon,
                   Duration limit = 5s) {
    const auto price = rate(value);
    return {venue, direction, price, price, price, observed_at, observed_at + limit, {}};
}

/// A board on which Binance is active with two of the three directions.
struct Market {
    explicit Market(TimePoint now = noon, Duration limit = 5s) {
        board.apply(quote(binance, btc_usd, "54000.000123", now, limit));
        board.apply(quote(binance, eth_usd, "3000", now, limit));
        board.choose_active(now);
    }

    MarketMap map = small_market();
    Board board{map, 30s};
};

inline constexpr std::string_view both_courses =
    R"({"exchanger":"binance","courses":[{"direction":"BTC-USD","value":54000.000123},)"
    R"({"direction":"ETH-USD","value":3000}]})";

}  // namespace kurs::http
