#include "kurs/metrics/readings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "kurs/metrics/metrics.hpp"

namespace kurs::metrics {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 3> states{"connecting", "live", "backing_off"};

std::string page_of(const Readings& readings) {
    return "\n" + Metrics().render(readings);
}
bool has_line(const std::string& page, const std::string& line) {
    return page.find("\n" + line + "\n") != std::string::npos;
}

TEST(Readings, TheCurrentStateOfAFeedIsOneAndTheOthersAreZero) {
    Readings readings;
    readings.feeds = {{"binance", "binance", {"live", states}, TimePoint{1'790'000'000'250ms}}};
    const auto page = page_of(readings);
    EXPECT_TRUE(has_line(page, R"(kurs_feed_state{venue="binance",feed="binance",state="live"} 1)")) << page;
    EXPECT_TRUE(has_line(page, R"(kurs_feed_state{venue="binance",feed="binance",state="connecting"} 0)"));
    EXPECT_TRUE(has_line(page, R"(kurs_feed_state{venue="binance",feed="binance",state="backing_off"} 0)"));
    EXPECT_TRUE(has_line(
        page, R"(kurs_feed_last_tick_timestamp_seconds{venue="binance",feed="binance"} 1790000000.25)"))
        << page;
}

TEST(Readings, UnknownValuesHaveNoSeries) {
    Readings readings;
    readings.directions = {{"BTC-USD", std::nullopt, false}};
    readings.upstreams = {{"coingecko", std::nullopt, false}};
    const auto page = page_of(readings);
    EXPECT_TRUE(has_line(page, R"(kurs_direction_fresh{direction="BTC-USD"} 0)")) << page;
    for (const auto* name : {"kurs_direction_age_seconds", "kurs_upstream_credits", "kurs_replica_role",
                             "kurs_archive_writing", "kurs_push_subscribers", "kurs_feed_state"})
        EXPECT_EQ(page.find(name), std::string::npos) << name;
}

TEST(Readings, AgesAreSeconds) {
    Readings readings;
    readings.quotes = {{"binance", "BTC-USD", 1250ms, true}};
    const auto page = page_of(readings);
    EXPECT_TRUE(has_line(page, R"(kurs_quote_age_seconds{venue="binance",direction="BTC-USD"} 1.25)"))
        << page;
    EXPECT_TRUE(has_line(page, R"(kurs_quote_fresh{venue="binance",direction="BTC-USD"} 1)")) << page;
}

TEST(Readings, AnEpochIsShownToItsLastDigit) {
    Readings readings;
    readings.replica = ReplicaReading{{"live", states}, 1'795'407'915'815'661, 120ms, 3};
    EXPECT_TRUE(has_line(page_of(readings), "kurs_replica_epoch 1795407915815661"));
}

TEST(Readings, LateEntriesAreCounted) {
    Readings readings;
    readings.replica = ReplicaReading{{"live", states}, 1, 120ms, 3, 20, 2};
    EXPECT_TRUE(has_line(page_of(readings), "kurs_board_entries_total 20"));
    EXPECT_TRUE(has_line(page_of(readings), "kurs_board_late_entries_total 2"));
}

TEST(Readings, TheProcessIsThisOne) {
    const auto before = read_process();
    EXPECT_GT(before.resident_bytes, 1'000'000U);
    EXPECT_GT(before.virtual_bytes, before.resident_bytes);
    EXPECT_GT(before.most_descriptors, before.open_descriptors);
    EXPECT_GT(before.started_at_seconds, 1'700'000'000);
    EXPECT_GT(before.cpu_seconds, 0);
    const int descriptor = dup(0);
    ASSERT_GE(descriptor, 0);
    EXPECT_EQ(read_process().open_descriptors, before.open_descriptors + 1);
    close(descriptor);
}

}  // namespace
}  // namespace kurs::metrics
