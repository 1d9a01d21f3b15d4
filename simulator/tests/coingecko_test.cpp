#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"
#include "coingecko_rest.hpp"
#include "coingecko_stream.hpp"
#include "fake_peer.hpp"
#include "fault_catalogue.hpp"

using namespace sim;
using nlohmann::json;

namespace {

const char* subscribe = R"({"command":"subscribe","identifier":"{\"channel\":\"CGSimplePrice\"}"})";
const char* set_tokens =
    R"({"command":"message","identifier":"{\"channel\":\"CGSimplePrice\"}","data":)"
    R"("{\"coin_id\":[\"tether\",\"nocoin\"],\"vs_currencies\":[\"usd\"],\"action\":\"set_tokens\"}"})";

Request request(const char* target, const char* header = "", const char* key = "") {
    Request made{.method = "GET", .path = {}, .query = {}, .headers = {{header, key}}, .body = {}};
    parse_target(target, made);
    return made;
}

struct CoinGeckoTest : testing::Test {
    void set_fault(const char* body) { faults.add(parse_fault(json::parse(body), at(0), false)); }

    FaultTable faults;
    Market market{listed_instruments(), 1, at(0)};
    RoubleRate rouble{1};
    CoinGeckoQuotes quotes{market, rouble};
    KeyRing keys{{"demo-key", "pro-key"}};
    CoinGeckoRest rest{quotes, faults, keys, {.keyless_per_minute = 3}};
    CoinGeckoStream stream{quotes, faults, keys, {}, 1};
};

constexpr const char* simple_price =
    "/api/v3/simple/"
    "price?ids=tether,nocoin&vs_currencies=usd,xyz&include_last_updated_at=true&precision=full";

}  // namespace

TEST_F(CoinGeckoTest, PinnedTetherMovesAllDollarPrices) {
    quotes.pin({"tether", "usd"}, "0.93");
    EXPECT_EQ(quotes.price({"tether", "usd"}), "0.93");
    EXPECT_NEAR(std::stod(*quotes.price({"bitcoin", "usd"})), 64118 * 0.93, 1);
    EXPECT_FALSE(quotes.price({"bitcoin", "xyz"}));
}

TEST_F(CoinGeckoTest, UnknownCoinsAndCurrenciesAreLeftOut) {
    const auto body = json::parse(rest.answer(request(simple_price), at(0)).body);
    EXPECT_EQ(body.size(), 1U);
    EXPECT_EQ(body["tether"].size(), 2U);
    EXPECT_EQ(body["tether"]["last_updated_at"], to_unix_seconds(at(0)));
}

TEST_F(CoinGeckoTest, CoinsAreFoundBySymbolAndByNameToo) {
    const auto ask = [&](const char* lookup) {
        const auto target = std::string("/api/v3/simple/price?vs_currencies=usd&") + lookup;
        return json::parse(rest.answer(request(target.c_str(), "x-cg-pro-api-key", "pro-key"), at(0)).body);
    };
    const auto price = ask("ids=tether")["tether"]["usd"];
    EXPECT_EQ(ask("symbols=usdt,btc")["usdt"]["usd"], price);
    EXPECT_EQ(ask("names=Tether,Bitcoin")["Tether"]["usd"], price);
    EXPECT_EQ(ask("symbols=usdt,tether,nocoin").size(), 1U) << "an id is not a symbol";
    EXPECT_TRUE(ask("symbols=btc&names=Ethereum&ids=tether").contains("tether")) << "ids come first";
    EXPECT_TRUE(ask("symbols=btc&names=Ethereum").contains("Ethereum")) << "then names";
    set_fault(R"({"endpoint":"coingecko_rest","fault":"missing_coin","symbol":"tether"})");
    EXPECT_EQ(ask("symbols=usdt,btc").size(), 1U) << "a fault applies to the coin under every name";
}

TEST_F(CoinGeckoTest, CacheIsTwentySecondsForProAndSixtyForOthers) {
    const auto updated_at = [&](const Request& asked, std::int64_t ms) {
        return json::parse(rest.answer(asked, at(ms)).body)["tether"]["last_updated_at"].get<std::int64_t>() -
               to_unix_seconds(at(0));
    };
    const auto pro = request(simple_price, "x-cg-pro-api-key", "pro-key");
    const auto demo = request(simple_price, "x-cg-demo-api-key", "demo-key");
    EXPECT_EQ(updated_at(pro, 0), 0);
    EXPECT_EQ(updated_at(demo, 0), 0);
    EXPECT_EQ(updated_at(pro, 20'000), 20);
    EXPECT_EQ(updated_at(demo, 59'000), 0);
    EXPECT_EQ(updated_at(demo, 60'000), 60);
}

TEST_F(CoinGeckoTest, KeysAreChecked) {
    const auto status = [&](const char* header, const char* key) {
        return rest.answer(request("/api/v3/ping", header, key), at(0)).status;
    };
    EXPECT_EQ(status("x-cg-demo-api-key", "demo-key"), 200U);
    EXPECT_EQ(status("x-cg-pro-api-key", "bad"), 401U);
    EXPECT_EQ(status("x-cg-pro-api-key", "demo-key"), 400U);
    EXPECT_EQ(rest.answer(request("/api/v3/ping?x_cg_pro_api_key=pro-key"), at(0)).status, 200U);
}

TEST_F(CoinGeckoTest, KeylessCallsAreLimitedByTheMinute) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(rest.answer(request("/api/v3/ping"), at(0)).status, 200U);
    EXPECT_EQ(rest.answer(request("/api/v3/ping"), at(0)).status, 429U);
    EXPECT_EQ(rest.answer(request("/api/v3/ping"), at(60'000)).status, 200U);
}

TEST_F(CoinGeckoTest, RestFaultsChangeOnePair) {
    set_fault(R"({"endpoint":"coingecko_rest","fault":"null_price","symbol":"tether/usd"})");
    set_fault(R"({"endpoint":"coingecko_rest","fault":"stale_time"})");
    const auto body = json::parse(rest.answer(request(simple_price), at(0)).body);
    EXPECT_TRUE(body["tether"]["usd"].is_null());
    EXPECT_EQ(body["tether"]["last_updated_at"], to_unix_seconds(at(0)) - 7200);
}

TEST_F(CoinGeckoTest, StreamWantsAProKey) {
    EXPECT_FALSE(stream.refusal(request("/v1", "x-cg-pro-api-key", "pro-key"), 0, at(0)));
    EXPECT_FALSE(stream.refusal(request("/v1?x_cg_pro_api_key=pro-key"), 0, at(0)));
    EXPECT_EQ(stream.refusal(request("/v1"), 0, at(0))->status, 401U);
    EXPECT_EQ(stream.refusal(request("/v1", "x-cg-pro-api-key", "demo-key"), 0, at(0))->status, 401U);
    EXPECT_EQ(stream.refusal(request("/v2", "x-cg-pro-api-key", "pro-key"), 0, at(0))->status, 404U);
}

TEST_F(CoinGeckoTest, StreamDialogue) {
    FakePeer peer;
    const auto session = stream.open(request("/v1"), peer, 0, at(0));
    ASSERT_EQ(peer.frames.size(), 2U);
    EXPECT_EQ(json::parse(peer.frames[0].text)["code"], 3000);
    EXPECT_EQ(json::parse(peer.frames[1].text)["type"], "welcome");
    session->on_text(subscribe, at(1));
    EXPECT_EQ(json::parse(peer.last())["type"], "confirm_subscription");
    session->on_text(set_tokens, at(2));
    ASSERT_EQ(peer.frames.size(), 5U);
    EXPECT_EQ(peer.frames[3].text, R"({"code":2000,"message":"Subscribed to tether in usd"})");
    peer.frames.clear();
    session->advance(at(2999));
    session->advance(at(10'002));
    std::size_t updates = 0;
    for (const auto& frame : peer.frames) updates += json::parse(frame.text).contains("p") ? 1U : 0U;
    EXPECT_GE(updates, 1U) << "tether, but never the unknown coin";
}

TEST_F(CoinGeckoTest, StreamUpdatesTakeOnFaultyForms) {
    FakePeer peer;
    const auto session = stream.open(request("/v1"), peer, 0, at(0));
    session->on_text(subscribe, at(0));
    session->on_text(set_tokens, at(0));
    const auto update = [&](const char* fault) {
        faults.clear();
        set_fault(fault);
        stream.show({"tether", "usd"}, at(0));
        return json::parse(peer.last());
    };
    EXPECT_FALSE(update(R"({"endpoint":"coingecko_stream","fault":"omit_vs"})").contains("vs"));
    EXPECT_TRUE(update(R"({"endpoint":"coingecko_stream","fault":"float_time"})")["t"].is_number_float());
    EXPECT_TRUE(update(R"({"endpoint":"coingecko_stream","fault":"string_price"})")["p"].is_string());
    EXPECT_TRUE(update(R"({"endpoint":"coingecko_stream","fault":"null_price"})")["p"].is_null());
    EXPECT_TRUE(
        update(R"({"endpoint":"coingecko_stream","fault":"integer_price"})")["p"].is_number_integer());
}

TEST_F(CoinGeckoTest, LostSubscriptionsLeaveTheHeartbeat) {
    FakePeer peer;
    const auto session = stream.open(request("/v1"), peer, 0, at(0));
    session->on_text(subscribe, at(0));
    session->on_text(set_tokens, at(0));
    stream.strike(parse_fault(json::parse(R"({"endpoint":"coingecko_stream","fault":"lose_subscriptions"})"),
                              at(0), false),
                  at(0));
    peer.frames.clear();
    session->advance(at(15'000));
    ASSERT_EQ(peer.frames.size(), 1U);
    EXPECT_EQ(json::parse(peer.last())["type"], "ping");
}
