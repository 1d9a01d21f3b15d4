#include "kurs/ingest/writer_note.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

TEST(WriterNote, CarriesFeedsAndBudgets) {
    const auto map = small_market();
    WriterNote note;
    note.feeds.push_back(
        {"coingecko stream", coingecko, FeedState::live, "after 1 \"attempt\"", noon - 1h, noon, 7});
    note.feeds.push_back({"binance", binance, FeedState::connecting, "", noon, std::nullopt, 0});
    note.budgets = {{"coingecko", "10800000 - 5"}};
    const auto read = parse_writer_note(map, to_text(map, note)).value();
    EXPECT_EQ(read.feeds, note.feeds);
    EXPECT_EQ(read.budgets, note.budgets);
}

TEST(WriterNote, CarriesAReasonThatIsNotUtf8) {
    const auto map = small_market();
    WriterNote note;
    note.feeds.push_back({"binance", binance, FeedState::live, "reset\xff", noon, noon, 0});
    EXPECT_TRUE(parse_writer_note(map, to_text(map, note)).value().feeds[0].reason.starts_with("reset"));
}

TEST(WriterNote, IsRefusedIfItIsMalformed) {
    const auto map = small_market();
    for (
        const auto* text :
        {"", "{", "[]", "7", R"({"feeds":[]})", R"({"feeds":[{}],"budgets":{}})",
         R"({"feeds":[],"budgets":{"coingecko":7}})",
         R"({"feeds":[{"name":"a","venue":"binance","state":"well","reason":"","since":1,"reconnects":0}],"budgets":{}})"})
        EXPECT_FALSE(parse_writer_note(map, text)) << text;
}

TEST(WriterNote, LeavesOutFeedsOfVenuesThatTheMapDoesNotHave) {
    auto map = small_market();
    WriterNote note;
    note.feeds.push_back({"coingecko", coingecko, FeedState::live, "", noon, noon, 0});
    const auto text = to_text(map, note);
    map.venues.pop_back();
    EXPECT_TRUE(parse_writer_note(map, text).value().feeds.empty());
}

}  // namespace
}  // namespace kurs
