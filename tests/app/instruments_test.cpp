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

TEST_F(InstrumentsTest, WhoAnswersFirstAtTheStartIsNoFailover) {
    instruments.note_active(coingecko, noon);
    instruments.note_active(binance, noon + 500ms);
    EXPECT_TRUE(shows(R"(kurs_failovers_total{from="coingecko",to="binance"} 0)"));
    instruments.note_active(coingecko, noon + 10s);
    EXPECT_TRUE(shows(R"(kurs_failovers_total{from="binance",to="coingecko"} 1)"));
}

TEST_F(InstrumentsTest, ThePricersRefusalsAreThoseOfItsVenue) {
    instruments.note_refusal(coingecko, errc::jump);
    EXPECT_TRUE(shows(R"(kurs_refused_values_total{line="pricer",reason="jump",venue="coingecko"} 1)"));
    EXPECT_TRUE(shows(R"(kurs_refused_values_total{line="pricer",reason="jump",venue="binance"} 0)"));
}

TEST_F(InstrumentsTest, ALineKnowsEveryKindOfFailure) {
    const auto line = instruments.line(binance, "binance");
    line.failures[static_cast<std::size_t>(LineFailure::certificate)].add();
    EXPECT_TRUE(shows(R"(kurs_line_failures_total{kind="certificate",line="binance",venue="binance"} 1)"));
    EXPECT_TRUE(shows(R"(kurs_line_failures_total{kind="other",line="binance",venue="binance"} 0)"));
}

}  // namespace
}  // namespace kurs
