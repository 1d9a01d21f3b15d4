#include "kurs/history/row_queue.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/small_market.hpp"

namespace kurs::history {
namespace {

using namespace small;

void expect_same(const QuoteRecord& read, const QuoteRecord& written) {
    EXPECT_EQ(read.recorded_at, written.recorded_at);
    EXPECT_EQ(read.venue, written.venue);
    EXPECT_EQ(read.direction, written.direction);
    EXPECT_EQ(read.quote, written.quote);
}

struct RowQueueTest : ::testing::Test {
    std::mt19937_64 chance{20'261'128};
    RowQueue queue;

    Rate any_rate() {
        const u128 units = static_cast<u128>(chance()) << 64U | chance();
        return Rate::from_units((units >> (chance() % 128)) + 1).value();
    }

    QuoteRecord any_record() {
        const auto near = [this] {
            return noon + Duration{static_cast<int>(chance() % 2'000'000) - 1'000'000};
        };
        const VenueId venue{static_cast<std::uint8_t>(chance() % 256)};
        const DirectionId direction{static_cast<std::uint16_t>(chance() % 65'536)};
        QuoteRecord record{near(), venue, direction, std::nullopt};
        if (chance() % 8 == 0) return record;
        record.quote = Quote{venue, direction, any_rate(), any_rate(), any_rate(), near(), near(), {}};
        for (auto legs = chance() % 7; legs > 0; --legs) {
            const SymbolId symbol{static_cast<std::uint16_t>(chance() % 65'536)};
            record.quote->legs.push_back({symbol, chance() % 2 == 0, any_rate(), any_rate(), near()});
        }
        return record;
    }
};

TEST_F(RowQueueTest, ReturnsRowsUnchanged) {
    std::deque<QuoteRecord> expected;
    for (int i = 0; i < 5'000; ++i) {
        expected.push_back(any_record());
        queue.push(expected.back());
        if (chance() % 3 == 0) continue;
        EXPECT_EQ(queue.front_recorded_at(), expected.front().recorded_at);
        expect_same(queue.pop(), expected.front());
        expected.pop_front();
    }
    EXPECT_EQ(queue.size(), expected.size());
    for (const auto& record : expected) expect_same(queue.pop(), record);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0U);
}

TEST_F(RowQueueTest, ReturnsExtremesUnchanged) {
    const auto largest = Rate::from_units(~u128{0}).value(), smallest = Rate::from_units(1).value();
    const std::vector<QuoteLeg> legs(6, {SymbolId{0xFFFF}, true, largest, largest, noon - 24h * 12});
    const Quote quote{VenueId{255}, DirectionId{0xFFFF}, smallest,   rate("1"),
                      largest,      noon + 1h,           noon + 24h, legs};
    for (int i = 0; i < 100; ++i) queue.push({noon, quote.venue, quote.direction, quote});
    while (!queue.empty()) expect_same(queue.pop(), {noon, quote.venue, quote.direction, quote});
}

/// HISTORY_QUEUE's default of 500,000 rows is documented to take at most 100 MB.
TEST_F(RowQueueTest, ARowOfFourLegsTakesAtMostTwoHundredBytes) {
    constexpr std::size_t rows = 10'000;
    auto row = quote(binance, btc_usd, "4912345.678901234567890123");
    row.bid = rate("4912345.178901234567890123");
    row.ask = rate("4912346.178901234567890123");
    row.legs = {
        {SymbolId{0}, false, rate("64117.98000001"), rate("64117.99000001"), noon - 87ms},
        {SymbolId{1}, true, rate("0.99981234"), rate("0.99991234"), noon - 987ms},
        {SymbolId{2}, false, rate("76.39926138"), rate("76.39926138"), noon - 14min},
        {SymbolId{3}, true, rate("0.999843215678901234"), rate("0.999843215678901234"), noon - 14min}};
    for (std::size_t i = 0; i < rows; ++i) queue.push({noon + Duration{i}, binance, btc_usd, row});
    EXPECT_LT(queue.bytes(), rows * 200);
}

}  // namespace
}  // namespace kurs::history
