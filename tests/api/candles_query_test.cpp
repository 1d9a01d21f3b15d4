#include <gtest/gtest.h>

#include "api/contract_v2.hpp"
#include "kurs/domain/time_text.hpp"
#include "market_fixture.hpp"

namespace kurs::api::v2 {
namespace {

TimePoint moment(std::string_view text) {
    return parse_rfc3339(text).value();
}

const TimePoint now = moment("2026-11-23T10:00:30.500Z");

TEST(CandlesQuery, SelectsTheNewestCandlesByDefault) {
    const auto question = parse_candles_query(small_market(), "btc-usd", "", now);
    ASSERT_TRUE(question) << question.error();
    EXPECT_EQ(question->venue, binance);
    EXPECT_EQ(question->direction, btc_usd);
    EXPECT_EQ(question->interval, CandleInterval::minute);
    EXPECT_EQ(question->limit, 500U);
    EXPECT_EQ(question->to, now);
    EXPECT_EQ(question->from, moment("2026-11-23T01:41:00Z"));  // 499 before that of 10:00
}

TEST(CandlesQuery, BeginsWhereAnIntervalBegins) {
    const struct {
        std::string_view raw;
        std::string_view from;
        std::string_view to;
    } table[] = {
        {"from=2026-11-23T09:58:59.999Z", "2026-11-23T09:58:00Z", "2026-11-23T10:00:30.500Z"},
        {"from=2026-11-20T18:44:00Z&interval=1d", "2026-11-20T00:00:00Z", "2026-11-23T10:00:30.500Z"},
        {"from=2026-11-23T12:59:00%2B03:00&interval=15m", "2026-11-23T09:45:00Z", "2026-11-23T10:00:30.500Z"},
        {"from=2026-11-23T12:59:00+03:00&interval=1h", "2026-11-23T09:00:00Z", "2026-11-23T10:00:30.500Z"},
        {"to=2026-11-23T10:00:00Z&limit=3", "2026-11-23T09:57:00Z", "2026-11-23T10:00:00Z"},
        {"to=2026-11-23T10:00:00.001Z&limit=3", "2026-11-23T09:58:00Z", "2026-11-23T10:00:00.001Z"},
        {"to=2026-11-24T10:00:00Z&limit=1&interval=1s", "2026-11-23T10:00:30Z", "2026-11-24T10:00:00Z"},
        {"to=2009-01-05T00:00:00Z&limit=1500&interval=1d", "2009-01-03T00:00:00Z", "2009-01-05T00:00:00Z"},
        {"from=2009-01-03T00:00:00Z&to=2009-01-03T00:00:00.001Z", "2009-01-03T00:00:00Z",
         "2009-01-03T00:00:00.001Z"},
    };
    for (const auto& [raw, from, to] : table) {
        const auto question = parse_candles_query(small_market(), "BTC-USD", raw, now);
        ASSERT_TRUE(question) << raw << ": " << question.error();
        EXPECT_EQ(to_rfc3339(question->from), to_rfc3339(moment(from))) << raw;
        EXPECT_EQ(question->to, moment(to)) << raw;
    }
}

TEST(CandlesQuery, ReadsAllParameters) {
    const auto question =
        parse_candles_query(small_market(), "ETH-USD", "exchanger=CoinGeko&limit=1500&interval=5m", now);
    ASSERT_TRUE(question) << question.error();
    EXPECT_EQ(question->venue, coingecko);
    EXPECT_EQ(question->direction, eth_usd);
    EXPECT_EQ(question->interval, CandleInterval::five_minutes);
    EXPECT_EQ(question->limit, 1500U);
}

TEST(CandlesQuery, IsRefusedWithAdvice) {
    const struct {
        std::string_view raw;
        std::string_view said;
    } table[] = {
        {"form=2026-01-01T00:00:00Z",
         "Unknown parameter \"form\". Allowed: from, to, interval, exchanger, limit."},
        {"direction=BTC-USD", "Unknown parameter \"direction\""},
        {"from=yesterday",
         "Malformed from \"yesterday\". Give RFC 3339 with an offset, such as "
         "2026-11-23T10:00:00Z; encode a + as %2B in a URL."},
        {"from=2026-02-30T00:00:00Z", "Malformed from"},
        {"from=2026-11-23T09:00:00", "Malformed from"},
        {"to=2026-11-23T24:00:00Z", "Malformed to"},
        {"to=2026-11-23T09:59:60Z", "Malformed to"},
        {"from=", "Malformed from \"\""},
        {"from=2026-11-23T09:00:00Z'%20OR%20'1'='1", "Malformed from"},
        {"from=1;drop%20table%20candles", "Malformed from"},
        {"interval=1m';--", "Unknown interval \"1m';--\""},
        {"exchanger=binance'%20--", "Unknown exchanger"},
        {"limit=1%20union%20select%201", "Malformed limit"},
        {"from=2026-11-23T09:00:00Z&to=2026-11-23T08:00:00Z",
         "must be before to, and 2026-11-23T09:00:00.000Z is not before 2026-11-23T08:00:00.000Z."},
        {"from=2026-11-23T09:00:00Z&to=2026-11-23T09:00:00Z", "must be before to"},
        {"from=2026-11-23T10:00:30.500Z",
         "from is in the future: the server time is 2026-11-23T10:00:30.500Z."},
        {"from=9999-12-31T23:59:59Z", "from is in the future"},
        {"to=2026-11-24T10:00:30.501Z", "to is more than a day in the future"},
        {"to=9999-12-31T23:59:59-23:59", "to is more than a day in the future"},
        {"from=2009-01-02T23:59:59.999Z", "from is before 2009-01-03"},
        {"to=1970-01-01T00:00:00Z", "to is before 2009-01-03"},
        {"from=0000-01-01T00:00:00%2B23:59", "from is before 2009-01-03"},
        {"interval=2m", "Unknown interval \"2m\". Allowed: 1s, 1m, 5m, 15m, 1h, 1d."},
        {"interval=1M", "Unknown interval"},
        {"interval=", "Unknown interval"},
        {"exchanger=cbr", "Unknown exchanger \"cbr\". Allowed: binance, coingecko."},
        {"limit=0", "Malformed limit \"0\". Give a whole number from 1 to 1500."},
        {"limit=1501", "from 1 to 1500"},
        {"limit=-1", "from 1 to 1500"},
        {"limit=1e3", "from 1 to 1500"},
        {"limit=99999999999999999999", "from 1 to 1500"},
        {"limit=", "from 1 to 1500"},
        {"limit=5&limit=5", "The parameter limit is given twice. Give it once."},
        {"from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&from=2026-01-01T00:00:00Z",
         "from is given twice"},
        {"from=%ZZ", "malformed percent-encoding"},
    };
    for (const auto& [raw, said] : table) {
        const auto question = parse_candles_query(small_market(), "BTC-USD", raw, now);
        ASSERT_FALSE(question) << raw;
        EXPECT_NE(question.error().find(said), std::string::npos) << raw << ": " << question.error();
        EXPECT_TRUE(question.error().ends_with('.')) << question.error();
        EXPECT_LT(question.error().size(), 250U);
    }
    EXPECT_FALSE(parse_candles_query(small_market(), "BTC-EUR", "", now));
}

}  // namespace
}  // namespace kurs::api::v2
