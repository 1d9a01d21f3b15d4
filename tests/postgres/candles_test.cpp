#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;
using enum CandleInterval;

constexpr std::array all_intervals{second, minute, five_minutes, quarter_hour, hour, day};

using Values = std::map<TimePoint, Rate>;

/// An independent computation, directly from the values.
std::vector<std::string> plain_candles(const Values& values, Duration interval, TimePoint from,
                                       TimePoint to) {
    std::map<TimePoint, Candle> candles;
    for (const auto& [at, value] : values) {
        const TimePoint start{at.time_since_epoch() / interval * interval};
        if (start < from || start >= to) continue;
        auto& candle = candles.try_emplace(start, Candle{start, value, value, value, value, 0}).first->second;
        candle.high = std::max(candle.high, value);
        candle.low = std::min(candle.low, value);
        candle.close = value;
        ++candle.count;
    }
    std::vector<std::string> texts;
    for (const auto& [start, candle] : candles) texts.push_back(to_text(candle));
    return texts;
}

struct CandlesTest : ArchiveTest {
    std::mt19937_64 random{20261121};

    /// Bursts of seconds over three days, with gaps of hours between and within them.
    std::vector<history::QuoteRecord> random_records() {
        std::vector<history::QuoteRecord> records;
        for (TimePoint at = noon; at < noon + 72h; at += 1min * (1 + random() % 600)) {
            for (auto left = random() % 300; left > 0; --left) {
                at += 1s * (1 + random() % 4);
                const auto digits = std::to_string(random());
                records.push_back(random() % 20 ? btc_at(at + 1ms * (random() % 1000),
                                                         "6" + digits.substr(0, 4) + "." + digits.substr(4))
                                                : loss_at(at));
            }
        }
        return records;
    }

    Values values_of(const std::vector<history::QuoteRecord>& records) {
        Values values;
        for (const auto& record : records) {
            const auto at = std::chrono::floor<std::chrono::seconds>(record.recorded_at);
            if (record.quote) values.emplace(at, record.quote->value);
        }
        return values;
    }

    void save_in_any_order(std::vector<history::QuoteRecord> records) {
        std::ranges::shuffle(records, random);
        for (std::size_t done = 0; done < records.size();) {
            const auto count = std::min<std::size_t>(1 + random() % 700, records.size() - done);
            const auto first = records.begin() + static_cast<std::ptrdiff_t>(done);
            save({first, first + static_cast<std::ptrdiff_t>(count)});
            done += count;
        }
    }

    std::vector<std::string> all_pages(CandleInterval interval, TimePoint from, TimePoint to,
                                       std::size_t limit) {
        std::vector<std::string> texts;
        for (std::optional next = from; next;) {
            const auto page = candles(interval, *next, to, limit);
            EXPECT_LE(page.candles.size(), limit);
            for (const auto& candle : page.candles) texts.push_back(to_text(candle));
            EXPECT_TRUE(!page.next || *page.next > *next);
            EXPECT_TRUE(!page.next || page.next->time_since_epoch() % length(interval) == 0ms);
            next = page.next;
        }
        return texts;
    }
};

TEST_F(CandlesTest, EqualAnIndependentComputationExactly) {
    const auto records = random_records();
    const auto values = values_of(records);
    save_in_any_order(records);
    const auto from = std::chrono::floor<std::chrono::days>(noon);
    for (const auto interval : all_intervals) {
        const auto expected = plain_candles(values, length(interval), from, noon + 100h);
        ASSERT_FALSE(expected.empty());
        EXPECT_EQ(all_pages(interval, from, noon + 100h, 1000), expected) << to_string(interval);
    }
}

TEST_F(CandlesTest, ArePagedWithoutGapsOrDuplicates) {
    const auto records = random_records();
    const auto values = values_of(records);
    save_in_any_order(records);
    const auto from = std::chrono::floor<std::chrono::days>(noon);
    const auto to = noon + 47h + 31min + 7s;  // within a candle of every interval
    for (const auto interval : all_intervals) {
        const auto expected = plain_candles(values, length(interval), from, to);
        for (const auto limit : {interval == second ? 97U : 1U, 7U, 100U}) {
            EXPECT_EQ(all_pages(interval, from, to, limit), expected) << to_string(interval) << ", " << limit;
        }
    }
}

TEST_F(CandlesTest, AreThoseThatBeginWithinTheBounds) {
    save({btc_at(noon, "1"), btc_at(noon + 299s, "2"), btc_at(noon + 300s, "3"), btc_at(noon + 599s, "4")});
    const std::vector<std::string> both{"12:00:00 1 2 1 2 (2)", "12:05:00 3 4 3 4 (2)"};
    EXPECT_EQ(to_texts(candles(five_minutes, noon, noon + 301s)), both);
    EXPECT_EQ(to_texts(candles(five_minutes, noon, noon + 300s)), std::vector(1, both[0]));
    EXPECT_EQ(to_texts(candles(five_minutes, noon + 300s, noon + 600s)), std::vector(1, both[1]));
}

TEST_F(CandlesTest, ContinueAfterAGap) {
    save({btc_at(noon, "1"), btc_at(noon + 100h, "2")});
    for (const auto interval : all_intervals) {
        const auto from = std::chrono::floor<std::chrono::days>(noon);
        const auto page = candles(interval, from, noon + 200h, 1);
        EXPECT_EQ(page.candles.size(), 1U);
        ASSERT_TRUE(page.next);
        const auto last = candles(interval, *page.next, noon + 200h, 1);
        EXPECT_EQ(last.candles.size(), 1U);
        EXPECT_FALSE(last.next);
    }
}

TEST_F(CandlesTest, AreEmptyWhereNothingWasRecorded) {
    EXPECT_TRUE(candles(minute, noon, noon + 1h).candles.empty()) << "the series is not known";
    save({btc_at(noon, "1")});
    for (const auto interval : all_intervals) {
        const auto page = candles(interval, noon + 24h * 2, noon + 24h * 9);
        EXPECT_TRUE(page.candles.empty());
        EXPECT_FALSE(page.next);
    }
}

TEST_F(CandlesTest, LoseAValueThatALossOfTheSameSecondReplaces) {
    save({btc_at(noon, "1"), btc_at(noon + 60s, "2")});
    save({loss_at(noon + 60s + 500ms)});
    const std::vector<std::string> first{"12:00:00 1 1 1 1 (1)"};
    for (const auto interval : {second, minute, hour})
        EXPECT_EQ(to_texts(candles(interval, noon, noon + 1h)), first) << to_string(interval);
    save({loss_at(noon + 500ms)});
    for (const auto interval : {second, minute, hour})
        EXPECT_TRUE(candles(interval, noon, noon + 1h).candles.empty()) << to_string(interval);
}

TEST_F(CandlesTest, OfADayBeginAtMidnightUtc) {
    const auto midnight = std::chrono::ceil<std::chrono::days>(noon);
    save({btc_at(midnight - 1s, "1"), btc_at(midnight, "2")});
    const auto page = candles(day, midnight - 24h, midnight + 24h);
    ASSERT_EQ(page.candles.size(), 2U);
    EXPECT_EQ(page.candles[1].start, midnight);
}

}  // namespace
}  // namespace kurs::postgres
