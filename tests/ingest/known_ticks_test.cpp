#include "kurs/ingest/known_ticks.hpp"

#include <gtest/gtest.h>

#include "kurs/domain/history.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

RecordedQuote quote_of(std::vector<RecordedLeg> legs) {
    return {"binance", "BTC-USD", rate("1"), rate("1"), rate("1"), noon, noon, std::move(legs)};
}

TEST(KnownTicks, AreTheNewestOfEachSymbolWithItsOwnBookAndAge) {
    MarketMap map;
    map.venues = {"binance", "coingecko"};
    map.symbols = {{VenueId{0}, "BTCUSDT", "BTC", "USDT", {}}, {VenueId{1}, "tether/rub", "USDT", "RUB", {}}};
    const auto ticks =
        known_ticks(map, {quote_of({{"binance", "BTCUSDT", false, rate("10"), rate("11"), noon},
                                    {"coingecko", "tether/rub", true, rate("80"), rate("81"), noon - 60s}}),
                          quote_of({{"binance", "BTCUSDT", false, rate("12"), rate("13"), noon + 1s},
                                    {"mtgox", "BTCUSDT", false, rate("1"), rate("1"), noon},
                                    {"coingecko", "tether/eur", false, rate("1"), rate("1"), noon}})});
    ASSERT_EQ(ticks.size(), 2u);
    EXPECT_EQ(ticks[0].symbol, SymbolId{0});
    EXPECT_EQ(ticks[0].bid, rate("12"));
    EXPECT_EQ(ticks[0].observed_at, noon + 1s);
    EXPECT_EQ(ticks[1].ask, rate("81"));
    EXPECT_EQ(ticks[1].observed_at, noon - 60s);
}

}  // namespace
}  // namespace kurs
