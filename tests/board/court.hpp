#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>

#include "kurs/board/jury.hpp"
#include "support/market.hpp"

namespace kurs::testing {

using enum Standing;

inline constexpr VenueId a{0}, b{1}, c{2}, d{3};
inline constexpr std::array six{a, b, c, d, VenueId{4}, VenueId{5}};
inline constexpr Duration forever = 24h;

inline MarketMap market_of(std::size_t venues) {
    MarketMap map;
    for (std::size_t i = 0; i < venues; ++i) {
        map.venues.push_back("venue " + std::to_string(i));
        map.exchangers.push_back(VenueId{static_cast<std::uint8_t>(i)});
    }
    return map;
}

/// 100 plus `ppm` millionths of it.
inline Rate moved(std::int64_t ppm) {
    return Rate::from_units(rate("0.0001").units() * static_cast<u128>(1'000'000 + ppm)).value();
}

using Venues = std::span<const VenueId>;

/// Venues that quote one direction. Every quote is confirmed by every `hear` unless it has a date.
struct Court {
    explicit Court(std::size_t venues) : Court(market_of(venues)) {}
    explicit Court(MarketMap market)
        : map(std::move(market)), quotes(map.venues.size()), is_dated(map.venues.size()) {}

    void say(VenueId venue, Rate bid, Rate value, Rate ask) {
        quotes[index(venue)] = Quote{venue, {}, bid, value, ask, now, now + forever, {}};
        is_dated[index(venue)] = false;
    }
    void say(VenueId venue, Rate value) { say(venue, value, value, value); }
    void say(VenueId venue, std::string_view value) { say(venue, rate(value)); }
    void say_at(VenueId venue, Rate value, TimePoint observed_at, Duration limit = forever) {
        quotes[index(venue)] = Quote{venue, {}, value, value, value, observed_at, observed_at + limit, {}};
        is_dated[index(venue)] = true;
    }
    void say_each(Venues venues, std::string_view value) {
        for (const auto venue : venues) say(venue, value);
    }
    void say_all(std::string_view value) { say_each(map.exchangers, value); }
    void silence(VenueId venue) { quotes[index(venue)].reset(); }

    std::vector<Verdict> hear() { return jury.hear(current(), now); }

    void resume() { jury.resume(current(), now); }

    std::vector<const Quote*> current() {
        std::vector<const Quote*> heard;
        for (std::size_t i = 0; i < quotes.size(); ++i) {
            if (quotes[i] && !is_dated[i]) quotes[i]->observed_at = now;
            if (quotes[i] && i < symbols.size()) {
                quotes[i]->legs.clear();
                for (const auto symbol : symbols[i])
                    quotes[i]->legs.push_back({symbol, false, rate("1"), rate("1"), quotes[i]->observed_at});
            }
            heard.push_back(quotes[i] ? &*quotes[i] : nullptr);
        }
        return heard;
    }

    /// What the venue says from now on is heard for `duration`.
    void hear(VenueId venue, std::string_view value, Duration duration = 200ms) {
        say(venue, value);
        pass(duration);
    }

    /// Hears five times a second for `duration`.
    void pass(
        Duration duration, const std::function<void()>& before_each = [] {}) {
        for (const auto end = now + duration; now < end;) {
            now += 200ms;
            before_each();
            hear();
        }
    }

    Standing of(VenueId venue) const { return jury.standing(venue); }

    /// Whether each of the venues has the standing.
    template <class List = std::initializer_list<VenueId>>
    ::testing::AssertionResult are(const List& venues, Standing standing) const {
        for (const VenueId venue : venues)
            if (of(venue) != standing)
                return ::testing::AssertionFailure() << "venue " << index(venue) << " is not";
        return ::testing::AssertionSuccess();
    }

    MarketMap map;
    Jury jury{map, 5000};
    TimePoint now = noon;
    std::vector<std::optional<Quote>> quotes;
    std::vector<bool> is_dated;
    std::vector<std::vector<SymbolId>> symbols;  ///< of each venue's legs; none if empty
};

/// Venues that are trusted at 100.
struct Agreed : Court {
    explicit Agreed(std::size_t venues) : Court(venues) {
        say_all("100");
        pass(venues == 1 ? 31s : 2s);
    }
};

/// The exchangers of the built-in market map. Three of them share the price of USDT, and five the rouble.
namespace built_in {

inline constexpr VenueId binance{0}, coingecko{1}, kraken{2}, okx{3}, bybit{4}, coinbase{5};
inline constexpr SymbolId usdt{6}, other_usdt{7}, rub{8};
inline constexpr std::array with_usdt{binance, okx, bybit};
inline constexpr std::array with_rub{binance, kraken, okx, bybit, coinbase};

/// Six venues, each with a symbol of its own.
inline MarketMap market() {
    auto map = market_of(6);
    for (const auto venue : map.exchangers) map.symbols.push_back({venue, "own", "BTC", "USD", {}});
    for (const auto* name : {"usdt", "other usdt", "rub"})
        map.symbols.push_back({VenueId{9}, name, "", "", {}});
    return map;
}

inline std::vector<std::vector<SymbolId>> symbols(bool is_in_rub, SymbolId price_of_usdt = usdt) {
    std::vector<std::vector<SymbolId>> symbols;
    for (const auto venue : six) {
        auto& legs = symbols.emplace_back(std::vector{static_cast<SymbolId>(index(venue))});
        const auto is_in = [&](const auto& venues) {
            return std::ranges::find(venues, venue) != venues.end();
        };
        if (is_in(with_usdt)) legs.push_back(price_of_usdt);
        if (is_in_rub && is_in(with_rub)) legs.push_back(rub);
    }
    return symbols;
}

}  // namespace built_in

}  // namespace kurs::testing
