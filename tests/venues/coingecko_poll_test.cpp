#include <gtest/gtest.h>

#include "support/market.hpp"
#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {
namespace {

using namespace kurs::testing;

struct CoinGeckoPollTest : ::testing::Test {
    MarketMap map = small_market();
    Spending spending;
    std::unique_ptr<PollSession> session = make("none", "");

    std::unique_ptr<PollSession> make(std::string_view plan, std::string key) {
        return make_poll_session(map, {tether_rub, tether_usd}, *find_plan(plan), std::move(key),
                                 spending = Spending{});
    }

    Outcome answer(int status, std::string body,
                   Headers headers = {{"Content-Type", "application/json; charset=utf-8"}}) {
        session->make_request(noon);
        return session->on_response({status, std::move(headers), std::move(body)}, noon);
    }

    static std::string at(TimePoint time) { return std::to_string(time.time_since_epoch().count() / 1000); }
};

TEST_F(CoinGeckoPollTest, RequestsEverySymbolInOneCall) {
    EXPECT_EQ(session->make_request(noon).target,
              "/simple/price?ids=tether&vs_currencies=rub%2Cusd&include_last_updated_at=true&precision=full");
    EXPECT_TRUE(session->make_request(noon).headers.empty());
}

TEST_F(CoinGeckoPollTest, SendsTheKeyInTheHeaderOfItsPlan) {
    EXPECT_EQ(make("demo", "k1")->make_request(noon).headers, (Headers{{"x-cg-demo-api-key", "k1"}}));
    EXPECT_EQ(make("pro", "k2")->make_request(noon).headers, (Headers{{"x-cg-pro-api-key", "k2"}}));
}

TEST_F(CoinGeckoPollTest, ReadsEveryDigitAndTheTime) {
    const auto outcome = answer(200, R"({"tether":{"last_updated_at":)" + at(noon - 40s) +
                                         R"(,"usd":0.99962028656691,"rub":7.197e1 }})");
    ASSERT_EQ(outcome.ticks.size(), 2U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "0.99962028656691");
    EXPECT_EQ(to_string(outcome.ticks[1].ask), "71.97");
    EXPECT_EQ(outcome.ticks[1].observed_at, noon - 40s);
    EXPECT_TRUE(outcome.refusals.empty());
}

TEST_F(CoinGeckoPollTest, RefusesValuesIndependently) {
    const auto outcome =
        answer(200, R"({"tether":{"usd":null,"rub":71.97,"last_updated_at":)" + at(noon) + "}}");
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(outcome.refusals.at(0).what, "tether/usd");
}

TEST_F(CoinGeckoPollTest, AStatusOf200ProvesNothing) {
    EXPECT_EQ(answer(200, "{}").refusals.size(), 2U);
    EXPECT_EQ(answer(200, R"({"tether":{}})").refusals.size(), 2U);
    EXPECT_EQ(answer(200, R"({"tether":{"usd":1.0,"rub":72}})").refusals.size(), 2U) << "no time";
    EXPECT_EQ(answer(200, R"({"tether":{"usd":1.0,"rub":72,"last_updated_at":null}})").refusals.size(), 2U);
    EXPECT_EQ(
        answer(200, R"({"tether":{"usd":0,"rub":-72,"last_updated_at":)" + at(noon) + "}}").refusals.size(),
        2U);
    EXPECT_EQ(answer(200, R"({"tether":{"usd":1,"rub":72,"last_updated_at":)" + at(noon + 2h) + "}}")
                  .refusals.size(),
              2U);
}

TEST_F(CoinGeckoPollTest, MalformedResponsesGiveNoValueAndAreRetriedSoon) {
    for (const auto* body : {"", "<html>", "[1]", R"({"tether":{"usd":1.0,"rub":72,"last_up)"}) {
        const auto outcome = answer(200, body);
        EXPECT_TRUE(outcome.ticks.empty()) << body;
        EXPECT_EQ(outcome.refusals.size(), 1U) << body;
    }
    const auto html = answer(200, R"({"tether":{}})", {{"Content-Type", "text/html"}});
    EXPECT_EQ(html.refusals.at(0).what, "not JSON");
}

TEST_F(CoinGeckoPollTest, AMalformedMemberAffectsOnlyItsSymbols) {
    session = make_poll_session(map, {tether_rub, tether_usd, bitcoin_rub}, *find_plan("none"), "", spending);
    const std::string good = R"("tether":{"usd":1.0,"rub":72,"last_updated_at":)" + at(noon) + "}";
    for (const std::string odd :
         {R"("bitcoin":null)", R"("bitcoin":7)", R"("bitcoin":[])", R"("bitcoin":"gone")",
          R"("bitcoin":{"rub":{"value":1}})", R"("bitcoin":{})"}) {
        for (const auto& body : {"{" + odd + "," + good + "}", "{" + good + "," + odd + "}"}) {
            const auto outcome = answer(200, body);
            EXPECT_EQ(outcome.ticks.size(), 2U) << body;
            EXPECT_EQ(outcome.refusals.size(), 1U) << body;
        }
    }
}

TEST_F(CoinGeckoPollTest, IgnoresUnknownKeys) {
    const auto outcome = answer(
        200,
        R"({"e":"price","status":null,"code":0,"tether":{"e":{"a":[1]},"usd_24h_vol":null,"usd":1.0,"rub":72,)"
        R"("last_updated_at":)" +
            at(noon) + R"(},"more":[{}]})");
    EXPECT_EQ(outcome.ticks.size(), 2U);
    EXPECT_TRUE(outcome.refusals.empty());
}

TEST_F(CoinGeckoPollTest, AcceptsAMediaTypeInAnyCase) {
    const auto body = R"({"tether":{"usd":1.0,"rub":72,"last_updated_at":)" + at(noon) + "}}";
    for (const auto* type :
         {"Application/JSON", "APPLICATION/JSON; Charset=UTF-8", "application/vnd.api+Json"})
        EXPECT_EQ(answer(200, body, {{"CONTENT-TYPE", type}}).ticks.size(), 2U) << type;
    EXPECT_TRUE(answer(200, body, {{"Content-Type", "text/HTML"}}).ticks.empty());
}

TEST_F(CoinGeckoPollTest, RetriesSoonWhileTheResponseHasNoUsableValue) {
    for (const std::string body : {R"({})", R"({"tether":null})", R"({"tether":{"usd":0,"rub":null}})"}) {
        session = make("pro", "key");
        answer(200, body);
        EXPECT_GE(session->next_poll(true), noon + 1s) << body;
        EXPECT_LE(session->next_poll(false), noon + 3s) << body;
    }
    const auto left = spending.saved;
    answer(200, "{}");
    EXPECT_LT(spending.saved, left) << "a response with status 200 costs a credit";
}

TEST_F(CoinGeckoPollTest, AnyRetryAfterOnlyExtendsTheWait) {
    for (const auto* term : {"0", "Sat, 21 Nov 2026 11:00:00 GMT", "soon"}) {
        session = make("none", "");
        answer(429, "", {{"retry-after", term}});
        EXPECT_GE(session->next_poll(true), noon + 30s) << term;
    }
    answer(429, "", {{"x-ratelimit-reset", "2020-01-01 00:00:00 +0000"}});
    EXPECT_GE(session->next_poll(true), noon + 30s);
    answer(429, "", {{"retry-after", "31536000"}});
    EXPECT_EQ(session->next_poll(true), noon + 1h);
}

TEST_F(CoinGeckoPollTest, HonoursEveryFormOfARateLimit) {
    answer(429, "", {{"retry-after", "119"}});
    EXPECT_EQ(session->next_poll(true), noon + 119s);
    answer(429, "", {{"x-ratelimit-reset", "2026-11-21 12:03:00 +0000"}});
    EXPECT_EQ(session->next_poll(true), noon + 3min);
    answer(429, "Throttled", {});
    EXPECT_GE(session->next_poll(true), noon + 30s);
}

TEST_F(CoinGeckoPollTest, DoesNotHammerWithAWrongKey) {
    EXPECT_EQ(answer(401, R"({"status":{"error_code":401}})").refusals.at(0).what, "status 401");
    EXPECT_EQ(session->next_poll(true), noon + 5min);
}

}  // namespace
}  // namespace kurs::coingecko
