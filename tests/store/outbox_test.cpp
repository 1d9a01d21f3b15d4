#include "kurs/store/outbox.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};
constexpr VenueId binance{0}, coingecko{1};
constexpr DirectionId btc_usd{0}, eth_usd{1};

Quote quote(VenueId venue, DirectionId direction, std::string_view value) {
    const auto price = Rate::parse(value).value();
    return {venue, direction, price, price, price, noon, noon + 5s, {}};
}

std::vector<std::string> values(const Batch& batch) {
    std::vector<std::string> texts;
    for (const auto& record : batch.quotes)
        texts.push_back(record.quote ? to_string(record.quote->value) : "lost");
    return texts;
}

using Texts = std::vector<std::string>;

TEST(Outbox, KeepsTheLastQuoteOfEachSecondVenueAndDirection) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.add(quote(binance, btc_usd, "2"), noon + 999ms);
    outbox.add(quote(binance, eth_usd, "3"), noon + 500ms);
    outbox.add(quote(coingecko, btc_usd, "4"), noon + 600ms);
    outbox.add(quote(binance, btc_usd, "5"), noon + 1000ms);
    outbox.close_seconds(noon + 2s);
    EXPECT_EQ(values(outbox.next(100)), (Texts{"2", "3", "4", "5"}));
}

TEST(Outbox, WritesASecondOnlyOnceItIsOver) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon + 10ms);
    outbox.close_seconds(noon + 999ms);
    EXPECT_TRUE(outbox.next(100).quotes.empty());
    outbox.close_seconds(noon + 1s);
    EXPECT_EQ(values(outbox.next(100)), Texts{"1"});
}

TEST(Outbox, ClosesEverySecondAtTheEnd) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.close_seconds(TimePoint::max());
    EXPECT_EQ(values(outbox.next(100)), Texts{"1"});
}

TEST(Outbox, ALossIsTheLastWordOfItsSecond) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.add_loss(binance, btc_usd, noon + 1ms);
    outbox.close_seconds(noon + 1s);
    EXPECT_EQ(values(outbox.next(100)), Texts{"lost"});
}

TEST(Outbox, GivesTheSameBatchUntilItIsWritten) {
    Outbox outbox(100);
    for (int second = 0; second < 5; ++second)
        outbox.add(quote(binance, btc_usd, std::to_string(second + 1)), noon + second * 1s);
    outbox.close_seconds(noon + 5s);
    EXPECT_EQ(values(outbox.next(2)), (Texts{"1", "2"}));
    EXPECT_EQ(values(outbox.next(2)), (Texts{"1", "2"}));
    outbox.written();
    EXPECT_EQ(values(outbox.next(2)), (Texts{"3", "4"}));
    EXPECT_EQ(outbox.waiting(), 3u);
}

TEST(Outbox, LetsTheOldestGoWhenItIsFullAndCountsThem) {
    Outbox outbox(4);
    for (int second = 0; second < 6; ++second)
        outbox.add(quote(binance, btc_usd, std::to_string(second + 1)), noon + second * 1s);
    outbox.close_seconds(noon + 6s);
    EXPECT_EQ(outbox.lost(), 2u);
    EXPECT_EQ(values(outbox.next(9)), (Texts{"3", "4"}));
    outbox.written();
    EXPECT_EQ(values(outbox.next(9)), (Texts{"5", "6"}));
}

TEST(Outbox, NeverLetsGoOfWhatIsBeingWritten) {
    Outbox outbox(4);
    const auto add = [&](int from, int to) {
        for (int second = from; second <= to; ++second)
            outbox.add(quote(binance, btc_usd, std::to_string(second)), noon + second * 1s);
        outbox.close_seconds(TimePoint::max());
    };
    add(1, 4);
    ASSERT_EQ(values(outbox.next(9)), (Texts{"1", "2"}));
    add(5, 6);
    EXPECT_EQ(values(outbox.next(9)), (Texts{"1", "2"}));
    outbox.written();
    EXPECT_EQ(values(outbox.next(9)), (Texts{"5", "6"}));
    EXPECT_EQ(outbox.lost(), 2u);
}

TEST(Outbox, KnowsSinceWhenNotAllIsWritten) {
    Outbox outbox(100);
    EXPECT_EQ(outbox.unwritten_since(noon), noon);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.add({noon + 100ms, "binance", "8 fresh at start"});
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon);
    outbox.close_seconds(noon + 5s);
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon);
    outbox.next(100);
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon);
    outbox.written();
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon + 5s);
}

}  // namespace
}  // namespace kurs
