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

constexpr SymbolId btcusdt{0}, usdcusdt{1};

MarketMap referring_market() {
    auto map = small_market();
    const Leg usdc{usdcusdt, true, 5s};
    map.reference_rates = {{Direction::parse("USDT-USD").value(), {{{usdc}, {}}, {{usdc}, {}}}}};
    return map;
}

PricingReport small_report() {
    const Confirmation confirmation{std::chrono::floor<std::chrono::days>(noon), noon};
    const QuoteLeg leg{usdcusdt, true, rate("0.9"), rate("1.1"), noon - 1h, confirmation};
    return {noon,
            {{btcusdt, errc::jump, rate("1"), rate("2.000000000000000001"), noon - 9s, noon, 7},
             {usdcusdt, errc::not_positive, std::nullopt, std::nullopt, noon, noon, 1}},
            {{ReferenceRateId{0},
              {{SourceState::incomplete, std::nullopt, {}}, {SourceState::used, rate("1.01"), {leg}}}}}};
}

TEST(WriterNote, CarriesWhatWasRefusedAndTheSourcesOfReferenceRates) {
    const auto map = referring_market();
    WriterNote note;
    note.pricing = small_report();
    EXPECT_EQ(parse_writer_note(map, to_text(map, note)).value().pricing, note.pricing);
}

TEST(WriterNote, OfAnEarlierVersionHasNoReport) {
    const auto note = parse_writer_note(small_market(), R"({"feeds":[],"budgets":{}})");
    EXPECT_FALSE(note.value().pricing);
}

TEST(WriterNote, OfALaterVersionIsReadIfOnlyFieldsWereAdded) {
    const auto map = small_market();
    EXPECT_TRUE(parse_writer_note(map, R"({"format":1,"feeds":[],"budgets":{},"later":[1]})"));
    const auto* const newer = R"({"format":2,"feeds":[],"budgets":{}})";
    EXPECT_EQ(parse_writer_note(map, newer).error(), errc::unknown_event);
}

TEST(WriterNote, LeavesOutWhatTheMapDoesNotHave) {
    auto map = referring_market();
    WriterNote note;
    note.pricing = small_report();
    const auto text = to_text(map, note);
    map.symbols.pop_back();
    map.reference_rates[0].sources.pop_back();
    const auto read = parse_writer_note(map, text).value();
    EXPECT_EQ(read.pricing->refusals.size(), 1U);
    EXPECT_TRUE(read.pricing->references.empty());
}

TEST(WriterNote, IsSmallWithAsMuchAsItMayCarry) {
    const auto map = referring_market();
    WriterNote note;
    note.pricing = small_report();
    note.pricing->refusals.resize(64, note.pricing->refusals.front());
    EXPECT_LT(to_text(map, note).size(), 16'000U);
    note.pricing->refusals.resize(1'000, note.pricing->refusals.front());
    EXPECT_EQ(parse_writer_note(map, to_text(map, note)).value().pricing->refusals.size(), 64U);
}

TEST(WriterNote, IsRefusedIfItIsMalformed) {
    const auto map = small_market();
    for (
        const auto* text :
        {"", "{", "[]", "7", R"({"feeds":[]})", R"({"feeds":[{}],"budgets":{}})",
         R"({"feeds":[],"budgets":{"coingecko":7}})",
         R"({"feeds":[{"name":"a","venue":"binance","state":"well","reason":"","since":1,"reconnects":0}],"budgets":{}})",
         R"({"feeds":[],"budgets":{},"pricing":{"at":1}})",
         R"({"feeds":[],"budgets":{},"pricing":{"at":1,"references":[],"refusals":[{"venue":"binance","symbol":"BTCUSDT",)"
         R"("reason":"jump","bid":"-1","ask":null,"first_at":1,"last_at":1,"times":1}]}})"})
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
