#include <gtest/gtest.h>

#include "support/market.hpp"
#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {
namespace {

using namespace kurs::testing;

struct CoinGeckoStreamTest : ::testing::Test {
    MarketMap map = small_market();
    std::unique_ptr<StreamSession> session = make_stream_session(map, {tether_rub, tether_usd}, "secret");

    Outcome on(std::string_view frame) { return session->on_frame(frame, noon); }

    static std::string update(std::string_view fields) { return R"({"c":"C1",)" + std::string(fields) + "}"; }
    static std::string now_text() { return std::to_string(noon.time_since_epoch().count() / 1000); }
};

constexpr auto welcome = R"({"type":"welcome","sid":"3b1f"})";
constexpr auto confirmed =
    R"({"type":"confirm_subscription","identifier":"{\"channel\":\"CGSimplePrice\"}"})";

TEST_F(CoinGeckoStreamTest, SendsTheKeyInAHeader) {
    EXPECT_EQ(session->request().headers, (Headers{{"x-cg-pro-api-key", "secret"}}));
    EXPECT_EQ(session->request().target, "");
}

TEST_F(CoinGeckoStreamTest, SubscribesThenSetsItsTokensOnce) {
    EXPECT_EQ(on(R"({"code":3000,"message":"Connection established","uuid":"3b1f"})").replies,
              std::vector<std::string>{
                  R"({"command":"subscribe","identifier":"{\"channel\":\"CGSimplePrice\"}"})"});
    EXPECT_TRUE(on(welcome).replies.empty()) << "asked already";
    const auto replies = on(confirmed).replies;
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(
        replies[0],
        R"({"command":"message","identifier":"{\"channel\":\"CGSimplePrice\"}","data":"{\"coin_id\":[\"tether\"],\"vs_currencies\":[\"rub\",\"usd\"],\"action\":\"set_tokens\"}"})");
    EXPECT_TRUE(on(R"({"code":2000,"message":"Subscribed to tether in usd"})").replies.empty());
}

TEST_F(CoinGeckoStreamTest, AcceptsBothFormsOfAConfirmation) {
    on(welcome);
    EXPECT_EQ(on(R"({"code":2000,"message":"Subscription is successful"})").replies.size(), 1U);
}

TEST_F(CoinGeckoStreamTest, ReadsUpdatesOfEveryVersion) {
    const std::string time = R"("t":)" + now_text();
    EXPECT_EQ(
        on(update(R"("i":"tether","vs":"rub","p":71.97,"pp":null,"m":1.39e12,)" + time)).ticks.at(0).symbol,
        tether_rub);
    EXPECT_EQ(on(update(time + R"(.269067,"i":"tether","vs":"usd","p":0.9991)")).ticks.at(0).observed_at,
              noon);
    const auto ticks = on(update(R"("p":"0.99962028656691","vs":"usd","i":"tether",)" + time)).ticks;
    ASSERT_EQ(ticks.size(), 1U);
    EXPECT_EQ(ticks[0].symbol, tether_usd);
    EXPECT_EQ(to_string(ticks[0].bid), "0.99962028656691");
}

TEST_F(CoinGeckoStreamTest, AnUnnamedCurrencyIsTheDollarOnlyIfNoOtherWasRequested) {
    const auto unnamed = update(R"("i":"tether","p":0.9991,"t":)" + now_text());
    EXPECT_EQ(on(unnamed).refusals.size(), 1U);
    EXPECT_EQ(on(update(R"("i":"tether","vs":null,"p":0.9991,"t":)" + now_text())).refusals.size(), 1U);
    const auto only_usd = make_stream_session(map, {tether_usd}, "secret");
    EXPECT_EQ(only_usd->on_frame(unnamed, noon).ticks.size(), 1U);
    const auto null = update(R"("i":"tether","vs":null,"p":0.9991,"t":)" + now_text());
    EXPECT_EQ(only_usd->on_frame(null, noon).ticks.size(), 1U);
}

TEST_F(CoinGeckoStreamTest, IgnoresUnknownKeys) {
    const auto fields = R"("i":"tether","vs":"usd","p":0.9991,"t":)" + now_text();
    for (const auto* further :
         {R"("e":"price")", R"("type":"update")", R"("code":2000)", R"("code":"ok")",
          R"("ch":"CGSimplePrice")", R"("type":null)", R"("more":{"c":"G1","code":[1]})"}) {
        EXPECT_EQ(on(update(std::string(further) + "," + fields)).ticks.size(), 1U) << further;
        EXPECT_EQ(on(update(fields + "," + further)).ticks.size(), 1U) << further;
    }
    for (const auto* greeting :
         {R"({"type":"welcome","c":"control","sid":"3b1f"})", R"({"code":3000,"ch":null})",
          R"({"type":"welcome","code":"3000"})", R"({"e":{"type":"ping"},"type":"welcome"})"}) {
        session = make_stream_session(map, {tether_usd}, "secret");
        EXPECT_EQ(on(greeting).replies.size(), 1U) << greeting;
    }
}

TEST_F(CoinGeckoStreamTest, AnUnknownEventDoesNotEndTheSession) {
    for (const auto* frame :
         {R"({"type":"surprise"})", R"({"c":"G1","p":1.0})", R"({"type":{"a":1}})", "{}"}) {
        EXPECT_EQ(on(frame).refusals.at(0).reason, errc::unknown_event) << frame;
        EXPECT_FALSE(on(frame).farewell) << frame;
    }
    EXPECT_EQ(on(R"({"c":"G1","p":1.0})").refusals.at(0).what, "G1");
}

TEST_F(CoinGeckoStreamTest, RefusesImplausibleValues) {
    const std::string time = R"("t":)" + now_text();
    for (const auto& frame :
         {std::string("garbage"), std::string(R"({"c":"C1")"), update(R"("i":"tether","p":null,)" + time),
          update(R"("i":"tether","p":0,)" + time), update(R"("i":"tether","p":1.0,"t":null)"),
          update(R"("i":"tether","p":1.0)"), update(R"("i":"dogecoin","p":1.0,)" + time),
          std::string(R"({"c":"G1","p":1.0})"), std::string(R"({"code":4000,"message":"no"})"),
          std::string(R"({"type":"surprise"})"), std::string("[]"), std::string(1 << 20, ' ')}) {
        const auto outcome = on(frame);
        EXPECT_TRUE(outcome.ticks.empty()) << frame.substr(0, 80);
        EXPECT_EQ(outcome.refusals.size(), 1U) << frame.substr(0, 80);
    }
}

TEST_F(CoinGeckoStreamTest, RecognisesPermanentRejections) {
    EXPECT_FALSE(
        on(R"({"type":"disconnect","reason":"server_restart","reconnect":true})").farewell->is_permanent);
    EXPECT_TRUE(
        on(R"({"type":"disconnect","reason":"unauthorized","reconnect":false})").farewell->is_permanent);
    EXPECT_TRUE(on(R"({"type":"reject_subscription","identifier":"x"})").farewell->is_permanent);
}

TEST_F(CoinGeckoStreamTest, IgnoresHeartbeats) {
    const auto outcome = on(R"({"type":"ping","message":1773277868})");
    EXPECT_TRUE(outcome.refusals.empty() && outcome.replies.empty() && outcome.ticks.empty());
}

}  // namespace
}  // namespace kurs::coingecko
