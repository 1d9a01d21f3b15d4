#include "kurs/ingest/feed_book.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

TEST(FeedBook, DatesStatesAndCountsReconnects) {
    FeedBook book;
    book.add("binance", VenueId{0}, noon);
    book.note_state("binance", FeedState::connecting, "host:443", noon + 1s);
    book.note_state("binance", FeedState::live, "after 1 attempt", noon + 2s);
    book.note_tick("binance", noon + 3s);
    book.note_state("binance", FeedState::backing_off, "cut", noon + 4s);
    book.note_state("binance", FeedState::connecting, "other:443", noon + 5s);
    const auto& feed = book.reports().front();
    EXPECT_EQ(feed.state, FeedState::connecting);
    EXPECT_EQ(feed.reason, "other:443");
    EXPECT_EQ(feed.since, noon + 5s);
    EXPECT_EQ(feed.last_tick_at, noon + 3s);
    EXPECT_EQ(feed.reconnects, 1u);
}

}  // namespace
}  // namespace kurs
