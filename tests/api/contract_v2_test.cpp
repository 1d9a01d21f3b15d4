#include "api/contract_v2.hpp"

#include <gtest/gtest.h>

#include "market_fixture.hpp"

namespace kurs::api::v2 {
namespace {

struct CoursesV2 : testing::Test {
    CoursesV2() { market.board.apply(crossed_quote()); }

    CoursesDocument ask(const CoursesQuery& query, TimePoint now) {
        return render_courses(market.board, query, now);
    }
    CoursesDocument ask_btc(TimePoint now, std::optional<Duration> max_age = {}) {
        return render_course(market.board, {btc_usd, binance, max_age, {}}, now);
    }

    Market market;
};

constexpr std::string_view btc_legs =
    R"("legs":[{"venue":"binance","symbol":"BTCUSDT","inverted":false,"bid":"54001.1","ask":"54002.2",)"
    R"("observed_at":"2023-11-14T22:13:20.250Z"},{"venue":"binance","symbol":"USDCUSDT","inverted":true,)"
    R"("bid":"1.00001","ask":"1.00002","observed_at":"2023-11-14T22:13:20.000Z"}]})";

std::string said(const CoursesDocument& document) {
    constexpr std::string_view name = "\"reason\":\"";
    const auto at = document.members.find(name);
    if (at == std::string::npos) return "";
    const auto begin = at + name.size();
    return document.members.substr(begin, document.members.find('"', begin) - begin);
}

TEST_F(CoursesV2, ShowAFreshCourseWithItsLegs) {
    const auto document = ask_btc(noon + 1234ms);
    EXPECT_TRUE(document.has_fresh);
    EXPECT_EQ(document.members, R"("version":4,"exchanger":"binance","as_of":"2023-11-14T22:13:21.234Z",)"
                                R"("course":{"direction":"BTC-USD","state":"fresh","reason":null,)"
                                R"("bid":"53999.999999999999999999","value":"54000.5","ask":"54001",)"
                                R"("observed_at":"2023-11-14T22:13:20.000Z","age_ms":1234,)"
                                R"("fresh_until":"2023-11-14T22:13:25.000Z",)" +
                                    std::string(btc_legs));
}

/// Three exchangers and their consensus.
struct ConsensusV2 : testing::Test {
    static MarketMap market() {
        auto map = small_market();
        map.venues.insert(map.venues.end(), {"kraken", "consensus"});
        map.consensus = consensus;
        map.exchangers.insert(map.exchangers.end(), {kraken, consensus});
        for (const VenueId venue : {kraken, consensus}) map.routes.push_back({venue, btc_usd, {}, {}});
        return map;
    }

    std::string ask(TimePoint now = noon) {
        const auto members = render_course(board, {btc_usd, consensus, {}, {}}, now).members;
        return members.substr(members.find("\"consensus\":{") + 12);
    }

    static constexpr VenueId kraken{3}, consensus{4};
    MarketMap map = market();
    Board board{map, 30s};
};

TEST_F(ConsensusV2, ShowsThePartOfEachExchanger) {
    board.apply(quote(binance, btc_usd, "54010", noon - 1s));
    board.apply(quote(coingecko, btc_usd, "54000", noon - 2s));
    auto disputed = quote(kraken, btc_usd, "60000");
    disputed.dispute = "far above the others";
    board.apply(disputed);
    board.apply(quote(consensus, btc_usd, "54005", noon - 2s));
    EXPECT_EQ(ask(), R"({"agreement":"agreed, thin","counted":2,"dispersion_percent":"0.0093","exchangers":[)"
                     R"({"exchanger":"binance","bid":"54010","value":"54010","ask":"54010","age_ms":1000,)"
                     R"("counts":true,"reason":null},)"
                     R"({"exchanger":"coingecko","bid":"54000","value":"54000","ask":"54000","age_ms":2000,)"
                     R"("counts":true,"reason":null},)"
                     R"({"exchanger":"kraken","bid":"60000","value":"60000","ask":"60000","age_ms":0,)"
                     R"("counts":false,"reason":"Disputed: far above the others."}]}})");
}

TEST_F(ConsensusV2, TellsWhyThereIsNone) {
    board.apply(quote(binance, btc_usd, "54010", noon - 1s));
    board.apply(quote(coingecko, btc_usd, "54000", noon - 5s));
    const auto document = render_course(board, {btc_usd, consensus, {}, {}}, noon);
    EXPECT_FALSE(document.has_fresh);
    EXPECT_EQ(said(document), "Fewer than two exchangers have a fresh rate that is not disputed.");
    EXPECT_EQ(ask(), R"({"agreement":null,"counted":1,"dispersion_percent":null,"exchangers":[)"
                     R"({"exchanger":"binance","bid":"54010","value":"54010","ask":"54010","age_ms":1000,)"
                     R"("counts":true,"reason":null},)"
                     R"({"exchanger":"coingecko","bid":"54000","value":"54000","ask":"54000","age_ms":5000,)"
                     R"("counts":false,"reason":"Stale since 2023-11-14T22:13:20.000Z."},)"
                     R"({"exchanger":"kraken","bid":null,"value":null,"ask":null,"age_ms":null,)"
                     R"("counts":false,"reason":"Some of its prices are not known."}]}})");
}

TEST_F(CoursesV2, ShowAStaleCourseWithoutItsPrices) {
    const auto document = ask_btc(noon + 7s);
    EXPECT_FALSE(document.has_fresh);
    EXPECT_NE(document.members.find(R"("bid":null,"value":null,"ask":null,)"
                                    R"("observed_at":"2023-11-14T22:13:20.000Z","age_ms":7000,)"
                                    R"("fresh_until":"2023-11-14T22:13:25.000Z",)" +
                                    std::string(btc_legs)),
              std::string::npos)
        << document.members;
    EXPECT_EQ(said(document),
              "Stale since 2023-11-14T22:13:25.000Z: its leg binance USDCUSDT, observed 7 s before, has a "
              "limit of 5 s.");
}

TEST_F(CoursesV2, NameTheStaleLegEvenIfAnotherIsOlder) {
    auto quote = crossed_quote();
    quote.direction = btc_rub;
    quote.legs.push_back({usd_rub, false, rate("90"), rate("90"), noon - 1h});
    quote.observed_at = noon - 1h;
    market.board.apply(quote);
    const auto document = render_course(market.board, {btc_rub, binance, {}, {}}, noon + 6500ms);
    EXPECT_EQ(said(document),
              "Stale since 2023-11-14T22:13:25.000Z: its leg binance USDCUSDT, observed 6.500 s before, has "
              "a limit of 5 s.");
}

TEST_F(CoursesV2, NameTheLegThatWasNotConfirmed) {
    const auto next_after = [](TimePoint after) { return after + 1h; };
    market.map.symbols[index(usd_rub)].publications = std::make_shared<const PublicationPlan>(
        PublicationPlan{next_after, [](TimePoint now) { return now < noon + 3h; }, 1h});
    auto quote = crossed_quote();
    quote.direction = btc_rub;
    quote.fresh_until = noon + 2h;
    quote.legs.push_back({usd_rub, false, rate("90"), rate("90"), noon - 3h});
    quote.legs.back().confirmation = Confirmation{std::chrono::floor<std::chrono::days>(noon), noon};
    market.board.apply(quote);
    const auto document = render_course(market.board, {btc_rub, binance, {}, {}}, noon + 2h);
    EXPECT_EQ(said(document),
              "Stale since 2023-11-15T00:13:20.000Z: its leg cbr USD/RUB, confirmed 7200 s before, was not "
              "confirmed within 3600 s of the publication expected after that.");
    EXPECT_TRUE(
        document.members.ends_with(R"("observed_at":"2023-11-14T19:13:20.000Z","date":"2023-11-14",)"
                                   R"("confirmed_at":"2023-11-14T22:13:20.000Z","market_open":true}]})"))
        << document.members;
}

TEST_F(CoursesV2, AreFreshExactlyWhenVersionOneServesThem) {
    const std::vector only{btc_usd};
    for (const auto max_age : {std::optional<Duration>(), std::optional<Duration>(2s)}) {
        for (const auto age : {0ms, 2000ms, 2001ms, 4999ms, 5000ms, 5001ms}) {
            const auto selection = market.board.select(binance, only, max_age, noon + age);
            EXPECT_EQ(ask_btc(noon + age, max_age).has_fresh, !selection.quotes.empty()) << age.count();
        }
    }
}

TEST_F(CoursesV2, ExplainThatMaxAgeIsExceeded) {
    EXPECT_TRUE(ask_btc(noon + 2s, 2s).has_fresh);
    EXPECT_EQ(
        said(ask_btc(noon + 2001ms, 2s)),
        "Older than the max_age of 2 s: its oldest leg, binance USDCUSDT, was observed 2.001 s before.");
}

TEST_F(CoursesV2, ExplainUnavailableCourses) {
    const auto nothing = render_course(market.board, {btc_rub, binance, {}, {}}, noon);
    EXPECT_NE(
        nothing.members.find(
            R"("course":{"direction":"BTC-RUB","state":"unavailable","reason":"The prices of some )"
            R"(of its legs at binance are not known.","bid":null,"value":null,"ask":null,"observed_at":null,)"
            R"("age_ms":null,"fresh_until":null,"legs":[]})"),
        std::string::npos)
        << nothing.members;
    EXPECT_EQ(said(render_course(market.board, {btc_rub, coingecko, {}, {}}, noon)),
              "The market map has no route for it at coingecko.");
    const Board cold(market.map, 30s);
    const auto document = render_course(cold, {btc_rub, {}, {}, {}}, noon);
    EXPECT_EQ(said(document), "No exchanger has served a fresh course yet.");
    EXPECT_TRUE(document.members.starts_with(R"("version":0,"exchanger":null,)"));
}

TEST_F(CoursesV2, ListTheRequestedDirectionsInTheConfiguredOrder) {
    const auto all = ask({}, noon).members;
    const auto rub = all.find("BTC-RUB");
    const auto btc = all.find("BTC-USD");
    const auto eth = all.find("ETH-USD");
    EXPECT_TRUE(rub < btc && btc < eth && eth != std::string::npos) << all;
    const auto some = ask({{}, {eth_usd}, {}}, noon).members;
    EXPECT_EQ(some.find("BTC"), std::string::npos);
    EXPECT_NE(some.find(R"("courses":[{"direction":"ETH-USD","state":"fresh")"), std::string::npos);
}

TEST_F(CoursesV2, CountAsFreshIfOneIs) {
    EXPECT_TRUE(ask({{}, {btc_rub, eth_usd}, {}}, noon).has_fresh);
    EXPECT_FALSE(ask({{}, {btc_rub}, {}}, noon).has_fresh);
    EXPECT_FALSE(ask({}, noon + 5s).has_fresh);
}

TEST_F(CoursesV2, NeverShowANegativeAge) {
    EXPECT_NE(ask_btc(noon - 20ms).members.find(R"("age_ms":0,)"), std::string::npos);
}

TEST(CourseQuery, IsReadFromPathAndQuery) {
    const auto map = small_market();
    for (const auto* segment : {"BTC-USD", "btc-usd", "Btc%2DUsd", "%42TC-USD"}) {
        const auto query = parse_course_query(map, segment, "exchanger=coingeko&max_age=3", noon);
        ASSERT_TRUE(query) << segment << query.error();
        EXPECT_EQ(query->direction, btc_usd);
        EXPECT_EQ(query->venue, coingecko);
        EXPECT_EQ(query->max_age, 3s);
        EXPECT_FALSE(query->at);
    }
    const auto earlier = parse_course_query(map, "BTC-USD", "at=2023-11-15T01:13:20%2B03:00", noon);
    ASSERT_TRUE(earlier) << earlier.error();
    EXPECT_EQ(earlier->at, noon);
    EXPECT_FALSE(earlier->venue);
}

TEST(CourseQuery, IsRefusedWithAdvice) {
    const struct {
        std::string_view segment;
        std::string_view raw;
        std::string_view said;
    } table[] = {
        {"BTC-EUR", "", "Unknown direction \"BTC-EUR\". Served: BTC-RUB, BTC-USD, ETH-USD."},
        {"BTC%2FUSD", "", "Unknown direction \"BTC/USD\""},
        {"BTC%ZZ", "", "Unknown direction \"BTC%ZZ\""},
        {"%00';--", "", "Unknown direction \"?';--\""},
        {"BTC-USD", "direction=BTC-USD", "Unknown parameter \"direction\". Allowed: exchanger, max_age, at."},
        {"BTC-USD", "exchanger=cbr", "Allowed: binance, coingecko."},
        {"BTC-USD", "exchanger=binance&exchanger=binance", "exchanger is given twice. Give it once."},
        {"BTC-USD", "max_age=0", "from 1 to 86400000"},
        {"BTC-USD", "at=", "Malformed at \"\". Give RFC 3339 with an offset, such as 2026-11-23T10:00:00Z"},
        {"BTC-USD", "at", "Malformed at"},
        {"BTC-USD", "at=2023-11-14", "encode a + as %2B in a URL."},
        {"BTC-USD", "at=2023-11-14T22:13:20", "with an offset"},
        {"BTC-USD", "at=1700000000", "Malformed at \"1700000000\""},
        {"BTC-USD", "at=2023-11-14T22:13:20.001Z", "future: the server time is 2023-11-14T22:13:20.000Z."},
        {"BTC-USD", "at=2009-01-02T23:59:59Z", "before 2009-01-03"},
        {"BTC-USD", "at=0000-01-01T00:00:00Z", "before 2009-01-03"},
        {"BTC-USD", "at=2023-01-01T00:00:00Z&at=2023-01-01T00:00:00Z", "at is given twice"},
    };
    for (const auto& [segment, raw, sentence] : table) {
        const auto query = parse_course_query(small_market(), segment, raw, noon);
        ASSERT_FALSE(query) << segment << "?" << raw;
        EXPECT_NE(query.error().find(sentence), std::string::npos) << raw << ": " << query.error();
    }
}

}  // namespace
}  // namespace kurs::api::v2
