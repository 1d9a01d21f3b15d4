// Packs the rows that an earlier version has written to DATABASE_URL. Then writes seconds of history, as the
// service does: a batch a second, with a new quote of each of eight directions at each venue.
// tools/bench_history_size.py measures the disk space that they take.
//
//     history_seconds <venues, 1 to 7> <seconds>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "kurs/postgres/history.hpp"
#include "support/market.hpp"

namespace kurs::postgres::testing {
namespace {

using namespace kurs::testing;

constexpr std::uint64_t one = 1'000'000'000'000'000'000;  ///< a rate of 1 in units
constexpr TimePoint first_second{std::chrono::sys_days(std::chrono::year(2026) / 11 / 20)};

struct VenueRoutes {
    const char* venue;
    std::vector<const char*> legs;  ///< of a coin in dollars: BTC is replaced; after '/': inverted
    bool has_roubles;               ///< a symbol of its own for each direction
};

// The last one stands for the consensus: its quotes have the legs of two venues.
const std::vector<VenueRoutes> routes{{"binance", {"BTCUSDT", "/USDCUSDT"}, false},
                                      {"coingecko", {"BTC/usd"}, true},
                                      {"kraken", {"BTC/USD"}, false},
                                      {"bybit", {"BTCUSDT", "/USDCUSDT"}, false},
                                      {"okx", {"BTC-USDT", "/USDC-USDT"}, false},
                                      {"coinbase", {"BTC-USD"}, false},
                                      {"consensus", {"BTC-USD", "BTCUSDT", "/USDCUSDT"}, false}};

/// Quotes with the digits and legs of real ones: products of legs have 18 decimals, and both codes of USDT
/// have the same quotes.
class Market {
public:
    explicit Market(std::size_t venues) : venues_(venues) {
        for (const auto& each : routes) map.venues.emplace_back(each.venue);
        for (const auto* text : {"BTC-RUB", "BTC-USD", "ETH-RUB", "ETH-USD", "USDTTRC-RUB", "USDTTRC-USD",
                                 "USDTERC-RUB", "USDTERC-USD"})
            map.directions.push_back(direction(text));
    }

    std::vector<history::QuoteRecord> quotes_at(TimePoint second) {
        ticks_.clear();
        std::vector<history::QuoteRecord> records;
        for (std::size_t venue = 0; venue < venues_; ++venue) {
            for (std::size_t i = 0; i < map.directions.size(); ++i)
                records.push_back(quote_at(second, VenueId(venue), DirectionId(i)));
        }
        return records;
    }

    MarketMap map;

private:
    history::QuoteRecord quote_at(TimePoint second, VenueId venue, DirectionId id) {
        const auto& [name, dollar_legs, has_roubles] = routes[index(venue)];
        const auto coin = map.direction(id).base().substr(0, map.direction(id).base()[0] == 'U' ? 4 : 3);
        const bool in_roubles = map.direction(id).quote() == "RUB";
        std::vector<QuoteLeg> legs;
        for (std::string symbol : dollar_legs) {
            if (coin == "USDT" && symbol == "BTCUSDT") continue;
            const bool inverted = symbol[0] == '/';
            if (symbol.starts_with("BTC")) symbol.replace(0, 3, coin);
            if (has_roubles && in_roubles) symbol.replace(symbol.size() - 3, 3, "rub");
            legs.push_back(leg_at(second, venue, symbol.substr(inverted ? 1 : 0), inverted));
        }
        if (in_roubles && !has_roubles) {
            legs.push_back(leg_at(second, VenueId{1}, "USDT/rub", false));
            legs.push_back(leg_at(second, VenueId{1}, "USDT/usd", true));
        }
        const auto [bid, value, ask] = prices_of(legs);
        const auto observed_at = std::ranges::min(legs, {}, &QuoteLeg::observed_at).observed_at;
        const auto fresh_until = observed_at + (has_roubles ? 180s : 5s);
        return {second + (has_roubles ? 500ms : 950ms), venue, id,
                Quote{venue, id, bid, value, ask, observed_at, fresh_until, legs}};
    }

    struct Prices {
        Rate bid, value, ask;
    };

    /// Those of a single leg, or of 18 decimals that depend on the legs. The mid of exact prices is one unit
    /// above that of truncated ones a quarter of the time.
    static Prices prices_of(const std::vector<QuoteLeg>& legs) {
        const auto make = [](u128 bid, u128 ask, u128 rest) {
            return Prices{Rate::from_units(bid).value(), Rate::from_units((bid + ask) / 2 + rest).value(),
                          Rate::from_units(ask).value()};
        };
        if (legs.size() == 1 && !legs[0].inverted) return make(legs[0].bid.units(), legs[0].ask.units(), 0);
        std::uint64_t seed = 0;
        for (const auto& leg : legs)
            seed = seed * 31 + static_cast<std::uint64_t>(leg.bid.units() / 10'000'000'000'000);
        std::mt19937_64 digits(seed);
        const u128 bid = legs[0].bid.units() * legs.size() + digits() % one;
        return make(bid, bid + one / 10 + digits() % one, digits() % 4 == 0 ? 1 : 0);
    }

    /// The same for all quotes of a second.
    QuoteLeg leg_at(TimePoint second, VenueId venue, const std::string& name, bool inverted) {
        const auto known = map.find_symbol(map.name(venue), name);
        const SymbolId symbol = known ? *known : SymbolId(map.symbols.size());
        if (!known) map.symbols.push_back({venue, name, {}, {}, {}});
        const auto [tick, is_new] = ticks_.try_emplace(symbol, Tick{symbol, rate("1"), rate("1"), {}});
        if (is_new) tick->second = tick_at(second, symbol);
        return {symbol, inverted, tick->second.bid, tick->second.ask, tick->second.observed_at};
    }

    Tick tick_at(TimePoint second, SymbolId symbol) {
        const auto& name = map.symbol(symbol).name;
        const bool is_last_price = map.symbol(symbol).venue == VenueId{1};
        const auto decimals = name.starts_with("USD") ? 5 : 2;
        const auto middle = name.starts_with("BTC") ? 6'123'450 : name.starts_with("ETH") ? 251'234 : 100'000;
        const auto from_end = [](int units, int digits) {
            auto text = std::to_string(units);
            text.insert(text.size() - static_cast<std::size_t>(digits), ".");
            return rate(text);
        };
        const int bid = middle + pick(middle / 100);
        const int ask = is_last_price ? bid : bid + 1 + pick(9);
        return {symbol, from_end(bid, decimals), from_end(ask, decimals), second + 1ms * pick(950) - 500ms};
    }

    int pick(int count) { return std::uniform_int_distribution(0, count - 1)(random_); }

    std::size_t venues_;
    std::map<SymbolId, Tick> ticks_;
    std::mt19937_64 random_{20261120};
};

void write(const std::string& url, std::size_t venues, int seconds) {
    Market market(venues);
    const auto archive = make_archive(url, market.map, 24h * 36'500);
    archive->open(60s).value();
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    while (archive->maintain(now, 60s).value()) continue;
    for (int i = 0; i < seconds; ++i)
        archive->save({market.quotes_at(first_second + 1s * i), {}}, 60s).value();
}

}  // namespace
}  // namespace kurs::postgres::testing

int main(int count, char** arguments) {
    const char* const url = std::getenv("DATABASE_URL");
    if (count != 3 || !url) {
        std::cerr << "DATABASE_URL=... history_seconds <venues, 1 to 7> <seconds>\n";
        return 2;
    }
    kurs::postgres::testing::write(url, std::stoul(arguments[1]), std::stoi(arguments[2]));
}
