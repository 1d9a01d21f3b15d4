#include <gtest/gtest.h>

#include "api/contract_v2.hpp"
#include "market_fixture.hpp"

namespace kurs::api::v2 {
namespace {

TEST(Exchangers, ShowTheActiveVenueAndEachVenuesState) {
    Market market;
    const FeedReport lines[] = {
        {"binance", binance, FeedState::live, "", noon - 1h, noon - 100ms, 2},
        {"coingecko", coingecko, FeedState::backing_off, "429 \"slow down\"", noon, std::nullopt, 0},
        {"binance exchangeInfo", binance, FeedState::connecting, "", noon, std::nullopt, 0},
        {"cbr", cbr, FeedState::live, "", noon, noon, 0}};
    market.failovers.add({noon - 1h, "coingecko", "1 fresh at start"});
    market.failovers.add({noon, "binance", "preferred and healthy, 2 fresh against 1"});
    EXPECT_EQ(
        render_exchangers(market.board, lines, market.failovers, noon + 1s),
        R"({"version":3,"active":"binance","as_of":"2023-11-14T22:13:21.000Z","exchangers":[)"
        R"({"exchanger":"binance","name":"binance","name_ru":"binance","is_active":true,"fresh":2,"disputed":0,"directions":3,"lines":[)"
        R"({"name":"binance","state":"live","reason":"","since":"2023-11-14T21:13:20.000Z",)"
        R"("last_tick_at":"2023-11-14T22:13:19.900Z","reconnects":2},)"
        R"({"name":"binance exchangeInfo","state":"connecting","reason":"","since":"2023-11-14T22:13:20.000Z",)"
        R"("last_tick_at":null,"reconnects":0}]},)"
        R"({"exchanger":"coingecko","name":"coingecko","name_ru":"coingecko","is_active":false,"fresh":0,"disputed":0,"directions":1,"lines":[)"
        R"({"name":"coingecko","state":"backing_off","reason":"429 \"slow down\"",)"
        R"("since":"2023-11-14T22:13:20.000Z","last_tick_at":null,"reconnects":0}]}],)"
        R"("sources":[{"venue":"cbr","name":"Bank of Russia","name_ru":"Банк России","lines":[{"name":"cbr","state":"live","reason":"",)"
        R"("since":"2023-11-14T22:13:20.000Z","last_tick_at":"2023-11-14T22:13:20.000Z","reconnects":0}]}],)"
        R"("journal":[{"exchanger":"coingecko","from":"2023-11-14T21:13:20.000Z",)"
        R"("to":"2023-11-14T22:13:20.000Z","reason":"1 fresh at start"},)"
        R"({"exchanger":"binance","from":"2023-11-14T22:13:20.000Z","to":null,)"
        R"("reason":"preferred and healthy, 2 fresh against 1"}]})");
}

TEST(Exchangers, MayAllBeInactive) {
    const auto map = small_market();
    const Board cold(map, 30s);
    const auto document = render_exchangers(cold, {}, FailoverHistory(), noon);
    EXPECT_TRUE(document.starts_with(R"({"version":0,"active":null,)")) << document;
    EXPECT_TRUE(document.ends_with(
        R"("sources":[{"venue":"cbr","name":"Bank of Russia","name_ru":"Банк России","lines":[]}],"journal":[]})"))
        << document;
}

TEST(Exchangers, CountFreshCourses) {
    Market market;
    const auto document = render_exchangers(market.board, {}, market.failovers, noon + 5s);
    EXPECT_NE(document.find(R"("is_active":true,"fresh":0,)"), std::string::npos);
}

}  // namespace
}  // namespace kurs::api::v2
