#include "kurs/app/leader_note.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

constexpr VenueId second_venue{1};

TEST(LeaderNote, CarriesAllThatItSays) {
    const auto map = small_market();
    LeaderNote note{noon, {}, {}};
    note.lines.push_back(
        {"coingecko stream", second_venue, "live", "after 1 \"attempt\"\xff", noon - 1h, noon, 7});
    note.lines.push_back({"binance", binance, "connecting", "", noon, std::nullopt, 0});
    note.spending = {Duration(3h), noon - 1min, noon + 1h};
    const auto read = parse_leader_note(map, to_text(map, note)).value();
    EXPECT_EQ(read.at, noon);
    ASSERT_EQ(read.lines.size(), 2u);
    EXPECT_EQ(read.lines[0].name, "coingecko stream");
    EXPECT_EQ(read.lines[0].venue, second_venue);
    EXPECT_EQ(read.lines[0].state, "live");
    EXPECT_TRUE(read.lines[0].reason.starts_with("after 1 \"attempt\""));
    EXPECT_EQ(read.lines[0].since, noon - 1h);
    EXPECT_EQ(read.lines[0].last_tick_at, noon);
    EXPECT_EQ(read.lines[0].reconnects, 7u);
    EXPECT_FALSE(read.lines[1].last_tick_at);
    EXPECT_EQ(read.spending.saved, Duration(3h));
    EXPECT_EQ(read.spending.last_call, noon - 1min);
    EXPECT_EQ(read.spending.resting_until, noon + 1h);
}

TEST(LeaderNote, SaysWhatIsNotKnown) {
    const auto map = small_market();
    const auto read = parse_leader_note(map, to_text(map, LeaderNote{})).value();
    EXPECT_FALSE(read.spending.saved);
    EXPECT_FALSE(read.spending.last_call);
}

TEST(LeaderNote, IsNothingIfItIsMalformed) {
    const auto map = small_market();
    for (const auto* text : {"", "{", "[]", "7", R"({"at":"now"})", R"({"at":1,"lines":[{}]})"})
        EXPECT_FALSE(parse_leader_note(map, text)) << text;
}

TEST(LeaderNote, LeavesOutLinesOfVenuesThatTheMapDoesNotName) {
    auto map = small_market();
    LeaderNote note;
    note.lines.push_back({"coingecko", second_venue, "live", "", noon, noon, 0});
    const auto text = to_text(map, note);
    map.venues.pop_back();
    EXPECT_TRUE(parse_leader_note(map, text)->lines.empty());
}

}  // namespace
}  // namespace kurs
