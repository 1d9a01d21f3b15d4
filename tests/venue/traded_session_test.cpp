#include "kurs/venue/traded_session.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

class Session final : public TradedSession {
public:
    explicit Session(std::shared_ptr<TradingState> trading) : TradedSession(std::move(trading)) {}

    std::vector<std::string> on_open() override { return {}; }
    Outcome on_frame(std::string_view, TimePoint) override { return {}; }

    Outcome concluded() {
        Outcome outcome;
        conclude(outcome);
        return outcome;
    }

    using TradedSession::conclude, TradedSession::drop, TradedSession::drop_all, TradedSession::hold,
        TradedSession::refuse;
};

struct TradedSessionTest : ::testing::Test {
    MarketMap map = small_market();
    std::shared_ptr<TradingState> trading = std::make_shared<TradingState>(
        map, std::vector{btcusdt, usdcusdt}, [](std::string_view status) { return status == "online"; });
    TradingSource source{trading};
    Session session{trading};
    Tick tick = last_price(btcusdt, "60000", noon);
};

TEST_F(TradedSessionTest, HasTheSymbolsThatMayBeSubscribedToWhenItBegins) {
    EXPECT_EQ(session.symbols(), (std::vector{btcusdt, usdcusdt}));
    source.set_pair(btcusdt, "halt");
    EXPECT_EQ(session.symbols(), (std::vector{btcusdt, usdcusdt}));
    EXPECT_EQ(Session(trading).symbols(), std::vector{usdcusdt});
}

TEST_F(TradedSessionTest, HoldsAPriceBackUntilASourceNamesItsSymbol) {
    session.hold("BTCUSDT", tick);
    EXPECT_TRUE(session.concluded().ticks.empty());
    source.set_pair(btcusdt, "online");
    EXPECT_EQ(session.concluded().ticks.size(), 1U);
    EXPECT_TRUE(session.concluded().ticks.empty()) << "handed over once";
}

TEST_F(TradedSessionTest, HandsOverTheNewestPriceOfEachSymbol) {
    session.hold("BTCUSDT", tick);
    session.hold("BTCUSDT", last_price(btcusdt, "60001", noon + 1s));
    session.hold("USDCUSDT", last_price(usdcusdt, "1", noon));
    source.set_pair(btcusdt, "online");
    source.set_pair(usdcusdt, "online");
    const auto ticks = session.concluded().ticks;
    ASSERT_EQ(ticks.size(), 2U);
    EXPECT_EQ(ticks[0].observed_at, noon + 1s);
}

TEST_F(TradedSessionTest, APriceThatIsDroppedIsRefusedAndNotHandedOver) {
    session.hold("BTCUSDT", tick);
    Outcome outcome;
    session.drop("BTCUSDT", errc::crossed, outcome);
    EXPECT_EQ(outcome.refusals.at(0).what, "BTCUSDT");
    EXPECT_EQ(outcome.refusals.at(0).reason, errc::crossed);
    source.set_pair(btcusdt, "online");
    EXPECT_TRUE(session.concluded().ticks.empty());
}

TEST_F(TradedSessionTest, AllPricesMayBeDropped) {
    session.hold("BTCUSDT", tick);
    session.drop_all();
    source.set_pair(btcusdt, "online");
    EXPECT_TRUE(session.concluded().ticks.empty());
}

TEST_F(TradedSessionTest, AsksForAnotherSessionWhenTheSetOfItsSymbolsChanges) {
    EXPECT_FALSE(session.concluded().farewell);
    source.set_pair(btcusdt, "halt");
    const auto farewell = session.concluded().farewell;
    ASSERT_TRUE(farewell);
    EXPECT_TRUE(farewell->can_wait) << "until another connection delivers";
    EXPECT_FALSE(farewell->is_permanent);
    EXPECT_FALSE(Session(trading).concluded().farewell);
}

TEST_F(TradedSessionTest, AnotherReasonToEndIsKept) {
    source.set_pair(btcusdt, "halt");
    Outcome outcome;
    outcome.farewell = Farewell{"disconnect"};
    session.conclude(outcome);
    EXPECT_EQ(outcome.farewell->reason, "disconnect");
}

TEST_F(TradedSessionTest, ARefusalQuotesLittleOfAFrame) {
    Outcome outcome;
    Session::refuse(outcome, errc::malformed, std::string(1'000, 'x'));
    EXPECT_EQ(outcome.refusals.at(0).what, std::string(80, 'x'));
}

}  // namespace
}  // namespace kurs
