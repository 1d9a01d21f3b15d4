#include "kurs/app/line_book.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

TEST(LineBook, DatesStatesAndCountsReconnectsOfWhatHadDelivered) {
    LineBook book;
    book.add("binance", VenueId{0}, noon);
    book.note_state("binance", FeedState::connecting, "host:443", noon + 1s);
    book.note_state("binance", FeedState::live, "after 1 attempt", noon + 2s);
    book.note_tick("binance", noon + 3s);
    book.note_state("binance", FeedState::backing_off, "cut", noon + 4s);
    book.note_state("binance", FeedState::connecting, "other:443", noon + 5s);
    const auto& line = book.lines().front();
    EXPECT_EQ(line.state, "connecting");
    EXPECT_EQ(line.reason, "other:443");
    EXPECT_EQ(line.since, noon + 5s);
    EXPECT_EQ(line.last_tick_at, noon + 3s);
    EXPECT_EQ(line.reconnects, 1u);
}

}  // namespace
}  // namespace kurs
