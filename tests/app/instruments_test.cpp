#include "kurs/app/instruments.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;
using small::binance, small::coingecko, small::noon;

struct InstrumentsTest : testing::Test {
    bool shows(const std::string& line) const {
        return ("\n" + instruments.page({})).find("\n" + line + "\n") != std::string::npos;
    }

    MarketMap map = small::small_market();
    Instruments instruments{map};
};

TEST_F(InstrumentsTest, AChangeOfTheActiveVenueIsAFailover) {
    instruments.note_active(std::nullopt, noon);
    instruments.note_active(binance, noon + 1s);
    instruments.note_active(binance, noon + 1min);
    instruments.note_active(coingecko, noon + 2min);
    instruments.note_active(std::nullopt, noon + 3min);
    instruments.note_active(coingecko, noon + 4min);
    EXPECT_TRUE(shows(R"(kurs_failovers_total{from="binance",to="coingecko"} 1)"));
    EXPECT_TRUE(shows(R"(kurs_failovers_total{from="coingecko",to="binance"} 0)"));
}

TEST_F(InstrumentsTest, TheFirstActiveVenueIsNoFailover) {
    instruments.note_active(coingecko, noon);
    instruments.note_active(binance, noon + 500ms);
    EXPECT_TRUE(shows(R"(kurs_failovers_total{from="coingecko",to="binance"} 0)"));
    instruments.note_active(coingecko, noon + 10s);
    EXPECT_TRUE(shows(R"(kurs_failovers_total{from="binance",to="coingecko"} 1)"));
}

TEST_F(InstrumentsTest, ThePricersRefusalsAreThoseOfItsVenue) {
    instruments.note_refusal(coingecko, errc::jump);
    EXPECT_TRUE(shows(R"(kurs_refused_values_total{feed="pricer",reason="jump",venue="coingecko"} 1)"));
    EXPECT_TRUE(shows(R"(kurs_refused_values_total{feed="pricer",reason="jump",venue="binance"} 0)"));
}

TEST_F(InstrumentsTest, AFeedCountsEveryKindOfFailure) {
    const auto feed = instruments.observe_feed(binance, "binance");
    feed.on_failure(FeedFailure::certificate);
    EXPECT_TRUE(shows(R"(kurs_feed_failures_total{feed="binance",kind="certificate",venue="binance"} 1)"));
    EXPECT_TRUE(shows(R"(kurs_feed_failures_total{feed="binance",kind="other",venue="binance"} 0)"));
}

TEST_F(InstrumentsTest, AFeedsTicksRefusalsAndReconnectsAreCounted) {
    const auto feed = instruments.observe_feed(binance, "binance");
    Outcome outcome;
    outcome.ticks = {{SymbolId{0}, small::rate("1"), small::rate("1"), noon}};
    outcome.refusals = {{errc::crossed, "BTCUSDT"}};
    feed.on_outcome(outcome);
    feed.on_reconnect();
    EXPECT_TRUE(shows(R"(kurs_ticks_total{feed="binance",venue="binance"} 1)"));
    EXPECT_TRUE(shows(R"(kurs_refused_values_total{feed="binance",reason="crossed",venue="binance"} 1)"));
    EXPECT_TRUE(shows(R"(kurs_feed_reconnects_total{feed="binance",venue="binance"} 1)"));
}

}  // namespace
}  // namespace kurs
