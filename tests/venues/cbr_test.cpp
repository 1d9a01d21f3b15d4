#include "venues/cbr/sessions.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"
#include "venues/cbr/venue.hpp"

namespace kurs::cbr {
namespace {

using namespace kurs::testing;

struct CbrTest : ::testing::Test {
    MarketMap map = small_market();
    std::unique_ptr<PollSession> session = make_poll_session(map, {cbr_usd});

    Outcome answer(std::string body, int status = 200) {
        return session->on_response({status, {}, std::move(body)}, noon);
    }

    /// "\xcd\xe0" stands for the names in windows-1251.
    static std::string rates(std::string_view date, std::string_view nominal, std::string_view value) {
        return R"(<?xml version="1.0" encoding="windows-1251"?><ValCurs Date=")" + std::string(date) +
               "\" name=\"Foreign Currency Market\"><Valute "
               "ID=\"R01010\"><CharCode>AUD</CharCode><Nominal>1</Nominal>"
               "<Name>\xcd\xe0</Name><Value>49,1234</Value></Valute><Valute "
               "ID=\"R01235\"><NumCode>840</NumCode>"
               "<CharCode>USD</CharCode><Nominal>" +
               std::string(nominal) + "</Nominal><Name>\xc4\xee\xeb</Name><Value>" + std::string(value) +
               "</Value></Valute></ValCurs>";
    }
};

TEST_F(CbrTest, DatesARateAtTheStartOfItsDayInMoscow) {
    const auto outcome = answer(rates("21.11.2026", "1", "76,4096"));
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "76.4096");
    EXPECT_EQ(outcome.ticks[0].observed_at, noon - 15h);
}

TEST_F(CbrTest, EveryResponseConfirmsTheRateOfItsDate) {
    const auto today = std::chrono::floor<std::chrono::days>(noon);
    EXPECT_EQ(answer(rates("21.11.2026", "1", "76,4096")).ticks.at(0).confirmation,
              (Confirmation{today, noon}));
    const auto tomorrow = today + std::chrono::days(1);
    EXPECT_EQ(answer(rates("22.11.2026", "1", "76,4096")).ticks.at(0).confirmation,
              (Confirmation{tomorrow, noon}));
}

TEST_F(CbrTest, DividesByTheNominal) {
    EXPECT_EQ(to_string(answer(rates("21.11.2026", "100", "764,0963")).ticks.at(0).bid), "7.640963");
}

TEST_F(CbrTest, ARateForTomorrowIsObservedNow) {
    EXPECT_EQ(answer(rates("22.11.2026", "1", "76,4096")).ticks.at(0).observed_at, noon);
}

TEST_F(CbrTest, IsPolledAFewTimesADay) {
    answer(rates("21.11.2026", "1", "76,4096"));
    EXPECT_EQ(session->next_poll(false), noon + 4h);
    EXPECT_EQ(session->next_poll(true), noon + 4h);
}

TEST_F(CbrTest, SpellsSymbolsInRoubles) {
    const auto spelling = venue().spelling;
    EXPECT_TRUE(spelling.is_symbol("USD/RUB"));
    for (const auto* other : {"", "USD", "USD/RUR", "USDT/RUB", "U/RUB", "US$/RUB", "RUB/USD"})
        EXPECT_FALSE(spelling.is_symbol(other)) << other;
    EXPECT_EQ(spelling.spelt_pair("USD/RUB").base, "USD");
    EXPECT_EQ(spelling.spelt_pair("USD/RUB").quote, "RUB");
}

TEST_F(CbrTest, RefusesMalformedDates) {
    for (const auto* date : {"21/11.2026", "21.11/2026", "2x.11.2026", "21.1x.2026", "21.11.202x",
                             "21.11.20260", "21.11.026", "xx.xx.xxxx"}) {
        const auto outcome = answer(rates(date, "1", "76,4"));
        EXPECT_TRUE(outcome.ticks.empty()) << date;
        EXPECT_EQ(outcome.refusals.size(), 1U) << date;
    }
}

TEST_F(CbrTest, MayBeAWeekAhead) {
    EXPECT_EQ(answer(rates("28.11.2026", "1", "76,4")).ticks.size(), 1U);
    EXPECT_EQ(answer(rates("29.11.2026", "1", "76,4")).ticks.size(), 0U);
}

TEST_F(CbrTest, MayBeAYearOld) {
    EXPECT_EQ(answer(rates("21.11.2025", "1", "76,4")).ticks.size(), 1U);
    EXPECT_EQ(answer(rates("19.11.2025", "1", "76,4")).ticks.size(), 0U);
    EXPECT_EQ(answer(rates("13.08.0026", "1", "76,4")).ticks.size(), 0U) << "before the epoch of times";
}

TEST_F(CbrTest, RefusesImplausibleValues) {
    for (const auto& body : {std::string(), std::string("<html></html>"), rates("31.02.2026", "1", "76,4"),
                             rates("2026-11-21", "1", "76,4"), rates("21.11.2027", "1", "76,4"),
                             rates("21.11.2026", "0", "76,4"), rates("21.11.2026", "1", "0,0000"),
                             rates("21.11.2026", "1", "-76,4"), rates("21.11.2026", "x", "76,4"),
                             rates("21.11.2026", "1", "76,4").substr(0, 300)}) {
        const auto outcome = answer(body);
        EXPECT_TRUE(outcome.ticks.empty()) << body;
        EXPECT_EQ(outcome.refusals.size(), 1U) << body;
    }
}

TEST_F(CbrTest, RetriesSoonWhileTheResponseLacksAUsableRate) {
    for (const auto& body :
         {rates("21.11.2026", "1", "0,0000"), rates("21.11.2026", "0", "76,4"), rates("21.11.2026", "1", ""),
          std::string(R"(<ValCurs Date="21.11.2026"></ValCurs>)")}) {
        session = make_poll_session(map, {cbr_usd});
        EXPECT_EQ(answer(body).refusals.size(), 1U) << body;
        EXPECT_GE(session->next_poll(false), noon + 5s) << body;
        EXPECT_LE(session->next_poll(false), noon + 10s) << body;
    }
    for (int i = 0; i < 20; ++i) answer(rates("21.11.2026", "1", "0,0000"));
    EXPECT_GE(session->next_poll(false), noon + 5min) << "the backoff grows";
    answer(rates("21.11.2026", "1", "76,4096"));
    EXPECT_EQ(session->next_poll(false), noon + 4h);
}

TEST_F(CbrTest, AMalformedMemberAffectsOnlyItsCurrency) {
    for (const auto* odd :
         {"<Valute/>", "<Valute><CharCode>EUR</CharCode></Valute>", "text",
          "<Other><CharCode>USD</CharCode></Other>",
          "<Valute><CharCode>EUR</CharCode><Nominal>x</Nominal><Value>-</Value></Valute>"}) {
        auto body = rates("21.11.2026", "1", "76,4096");
        body.insert(body.find("<Valute "), odd);
        EXPECT_EQ(answer(body).ticks.size(), 1U) << odd;
    }
}

TEST_F(CbrTest, AnyRetryAfterOnlyExtendsTheWait) {
    for (const auto* term : {"0", "Sat, 21 Nov 2026 11:00:00 GMT", "soon"}) {
        session->on_response({503, {{"Retry-After", term}}, ""}, noon);
        EXPECT_GE(session->next_poll(true), noon + 5s) << term;
    }
    session->on_response({503, {{"Retry-After", "31536000"}}, ""}, noon);
    EXPECT_EQ(session->next_poll(true), noon + 1h);
}

TEST_F(CbrTest, RetriesSoonAfterAFailure) {
    EXPECT_EQ(answer("", 503).refusals.at(0).what, "status 503");
    EXPECT_GT(session->next_poll(false), noon);
    EXPECT_LE(session->next_poll(false), noon + 10s);
}

}  // namespace
}  // namespace kurs::cbr
