#include "kurs/venue/silence_watch.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct SilenceWatchTest : ::testing::Test {
    MarketMap map = small_market();
    SilenceWatch watch{map, {btcusdt, usdcusdt}, 5s, noon};
};

TEST_F(SilenceWatchTest, AllowsMoreTimeForTheFirstValue) {
    EXPECT_FALSE(watch.silent(noon + 5s));
    EXPECT_TRUE(watch.silent(noon + 5001ms));
}

TEST_F(SilenceWatchTest, NamesTheSilentSymbol) {
    watch.heard(btcusdt, noon);
    watch.heard(usdcusdt, noon);
    watch.heard(usdcusdt, noon + 3s);
    EXPECT_FALSE(watch.silent(noon + 3s));
    const auto silent = watch.silent(noon + 3001ms);
    ASSERT_TRUE(silent);
    EXPECT_EQ(silent->symbols, std::vector{btcusdt});
    EXPECT_FALSE(silent->is_total);
}

TEST_F(SilenceWatchTest, ReportsTotalSilence) {
    watch.heard(btcusdt, noon);
    watch.heard(usdcusdt, noon);
    EXPECT_TRUE(watch.silent(noon + 3001ms)->is_total);
}

TEST_F(SilenceWatchTest, DetectsSilenceLongBeforeTheAgeLimit) {
    watch.heard(btcusdt, noon);
    EXPECT_TRUE(watch.silent(noon + map.symbol(btcusdt).limits.max_age * 2 / 3));
}

TEST_F(SilenceWatchTest, IsCompleteWhenEverySymbolHasDelivered) {
    watch.heard(btcusdt, noon);
    EXPECT_FALSE(watch.is_complete());
    watch.heard(usdcusdt, noon);
    EXPECT_TRUE(watch.is_complete());
}

}  // namespace
}  // namespace kurs
