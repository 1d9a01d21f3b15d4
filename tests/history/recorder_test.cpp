#include "kurs/history/recorder.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs::history {
namespace {

using namespace small;

constexpr Series btc{binance, btc_usd}, eth{binance, eth_usd};

struct RecorderTest : testing::Test {
    Outbox outbox{100};
    Recorder recorder{&outbox};

    const Batch& written() {
        outbox.close_seconds(TimePoint::max());
        return outbox.next(100);
    }

    std::vector<std::string> values() {
        std::vector<std::string> texts;
        for (const auto& row : written().quotes)
            texts.push_back(row.quote ? to_string(row.quote->value) : "lost");
        return texts;
    }
};

using Texts = std::vector<std::string>;

TEST_F(RecorderTest, RecordsAChangeAsOfItsServingTime) {
    recorder.record({quote(binance, btc_usd, "1"), quote(coingecko, btc_usd, "2")}, {},
                    ActiveChange{noon, "binance", "first"}, noon + 100ms);
    ASSERT_EQ(values(), (Texts{"1", "2"}));
    EXPECT_EQ(written().quotes[0].recorded_at, noon + 100ms);
    EXPECT_EQ(written().changes, (std::vector{ActiveChange{noon, "binance", "first"}}));
    EXPECT_EQ(recorder.failovers().periods().at(0).venue, "binance");
}

TEST_F(RecorderTest, RecordsALossOfAServedSeries) {
    recorder.record({quote(binance, btc_usd, "1")}, {}, {}, noon);
    recorder.record({}, {btc, eth}, {}, noon + 1s);
    EXPECT_EQ(values(), (Texts{"1", "lost"})) << "ETH-USD was never served";
}

TEST_F(RecorderTest, RecordsADisputedQuoteAsALoss) {
    recorder.record({quote(binance, btc_usd, "1")}, {}, {}, noon);
    auto disputed = quote(binance, btc_usd, "2");
    disputed.dispute = "2 % above the others";
    recorder.record({disputed}, {}, {}, noon + 1s);
    recorder.record({quote(binance, btc_usd, "3")}, {}, {}, noon + 2s);
    EXPECT_EQ(values(), (Texts{"1", "lost", "3"}));
}

TEST_F(RecorderTest, DoesNotRecordASnapshot) {
    const auto held = quote(binance, btc_usd, "1");
    const ActiveChange active{noon, "binance", "first"};
    recorder.note_known({held}, active);
    recorder.record({held}, {}, active, noon + 1s);
    EXPECT_TRUE(values().empty());
    EXPECT_TRUE(written().changes.empty());
    EXPECT_EQ(recorder.failovers().periods().size(), 1U);
    recorder.record({}, {btc}, {}, noon + 2s);
    EXPECT_EQ(values(), Texts{"lost"}) << "its end is news";
}

TEST_F(RecorderTest, PutsRestoredFailoversFirst) {
    recorder.record({}, {}, ActiveChange{noon, "binance", "at start"}, noon);
    recorder.restore({{noon - 2h, "coingecko", "earlier"}, {noon - 1h, std::nullopt, "stopped"}});
    const auto periods = recorder.failovers().periods();
    ASSERT_EQ(periods.size(), 2U);
    EXPECT_EQ(periods[0].to, noon - 1h);
    EXPECT_EQ(periods[1].venue, "binance");
}

TEST_F(RecorderTest, KeepsTheFailoverHistoryOfAReplicaThatDoesNotWrite) {
    Recorder reader(nullptr);
    reader.record({quote(binance, btc_usd, "1")}, {btc}, ActiveChange{noon, "binance", "first"}, noon);
    reader.note_known({quote(binance, btc_usd, "1")}, {});
    EXPECT_EQ(reader.failovers().periods().size(), 1U);
}

}  // namespace
}  // namespace kurs::history
