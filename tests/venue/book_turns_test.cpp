#include "kurs/venue/book_turns.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

/// Two symbols with an age limit of 5 s, so that each is due 2 s after its price was confirmed.
struct BookTurnsTest : ::testing::Test {
    void name_both() {
        source.set_pair(btcusdt, "online");
        source.set_pair(usdcusdt, "online");
    }

    MarketMap map = small_market();
    std::shared_ptr<TradingState> trading = std::make_shared<TradingState>(
        map, std::vector{btcusdt, usdcusdt}, [](std::string_view status) { return status == "online"; });
    TradingSource source{trading};
    std::map<SymbolId, TimePoint> confirmed_at{{btcusdt, noon}, {usdcusdt, noon + 1s}};
    BookTurns turns{trading, [this](SymbolId symbol) { return confirmed_at[symbol]; }};
};

TEST_F(BookTurnsTest, ASymbolIsDueWhenItsPriceIsUnconfirmedForTwoFifthsOfItsAgeLimit) {
    name_both();
    EXPECT_EQ(turns.due_at(), noon + 2s);
    confirmed_at[btcusdt] = noon + 10s;
    EXPECT_EQ(turns.due_at(), noon + 3s) << "the other one";
}

TEST_F(BookTurnsTest, TheSymbolThatIsDueFirstIsTaken) {
    name_both();
    EXPECT_EQ(turns.take(noon + 2s), btcusdt);
    confirmed_at[btcusdt] = noon + 10s;
    EXPECT_EQ(turns.take(noon + 3s), usdcusdt);
}

TEST_F(BookTurnsTest, ASymbolIsTakenOnceASecond) {
    name_both();
    EXPECT_EQ(turns.take(noon + 9s), btcusdt);
    EXPECT_EQ(turns.take(noon + 9s), usdcusdt);
    EXPECT_EQ(turns.due_at(), noon + 10s);
}

TEST_F(BookTurnsTest, NoSymbolIsDueBeforeASourceHasNamedItsState) {
    EXPECT_EQ(turns.due_at(), TimePoint::max());
    source.set_pair(usdcusdt, "online");
    EXPECT_EQ(turns.due_at(), noon + 3s);
    EXPECT_EQ(turns.take(noon + 3s), usdcusdt);
}

TEST_F(BookTurnsTest, AHaltedSymbolIsNotDue) {
    name_both();
    source.set_pair(btcusdt, "halt");
    EXPECT_EQ(turns.due_at(), noon + 3s);
    EXPECT_EQ(turns.take(noon + 9s), usdcusdt);
    EXPECT_EQ(turns.take(noon + 10s), usdcusdt);
}

TEST_F(BookTurnsTest, ASymbolRestsUntilItsTime) {
    name_both();
    turns.rest_until(btcusdt, noon + unknown_rest);
    EXPECT_EQ(turns.take(noon + 3s), usdcusdt);
    turns.rest_until(usdcusdt, noon + unknown_rest + 1s);
    EXPECT_EQ(turns.due_at(), noon + unknown_rest);
}

}  // namespace
}  // namespace kurs
