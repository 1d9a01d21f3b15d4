#include "kurs/venue/traded_streams.hpp"

#include <gtest/gtest.h>

#include "kurs/venue/poll_session.hpp"
#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

using Symbols = std::vector<SymbolId>;

struct PlainSession : StreamSession {
    explicit PlainSession(Symbols symbols) : all(std::move(symbols)) {}

    StreamRequest request() const override { return {}; }
    const Symbols& symbols() const override { return all; }
    std::vector<std::string> on_open() override { return {}; }
    Outcome on_frame(std::string_view, TimePoint) override { return {}; }

    Symbols all;
};

struct TradedStreamsTest : ::testing::Test {
    TradedStreams streams{{btcusdt, usdcusdt},
                          [](Symbols symbols) { return std::make_unique<PlainSession>(std::move(symbols)); }};
};

TEST_F(TradedStreamsTest, ASessionLeavesOutWhatIsNotTraded) {
    streams.set_trading(btcusdt, false);
    EXPECT_EQ(streams.make_session()->symbols(), Symbols{usdcusdt});
    streams.set_trading(usdcusdt, false);
    EXPECT_EQ(streams.make_session()->symbols(), (Symbols{btcusdt, usdcusdt}))
        << "so that it has a connection";
}

TEST_F(TradedStreamsTest, ASessionAsksForItsReplacementWhenTheSymbolsChange) {
    const auto session = streams.make_session();
    streams.set_trading(btcusdt, true);
    EXPECT_FALSE(session->on_frame("", noon).farewell) << "it is traded already";
    streams.set_trading(btcusdt, false);
    const auto farewell = session->on_frame("", noon).farewell;
    ASSERT_TRUE(farewell);
    EXPECT_FALSE(farewell->is_permanent);
    EXPECT_TRUE(farewell->can_wait);
    const auto next = streams.make_session();
    streams.set_trading(btcusdt, false);
    EXPECT_FALSE(next->on_frame("", noon).farewell);
    streams.set_trading(btcusdt, true);
    EXPECT_TRUE(next->on_frame("", noon).farewell);
}

TEST(PollResponse, HasHeadersWithCaseInsensitiveNames) {
    const PollResponse response{200, {{"A-Z[", "1"}, {"a-z{", "2"}}, ""};
    EXPECT_EQ(response.header("a-z["), "1");
    EXPECT_EQ(response.header("A-Z{"), "2");
    EXPECT_EQ(response.header("a-z"), "");
}

}  // namespace
}  // namespace kurs
