#include <nlohmann/json.hpp>

#include "api/exports_cache.hpp"
#include "api_fixture.hpp"

namespace kurs::api {
namespace {

using Json = nlohmann::json;
using exports::Format;

/// The market's export "bestchange" sells BTC and ETH for dollars.
struct ExportsV2 : ApiFixture {
    std::string header(const ResponseView& reply, const std::string& name) {
        const auto at = reply.head.find("\r\n" + name + ": ");
        if (at == std::string_view::npos) return "";
        const auto begin = at + name.size() + 4;
        return std::string(reply.head.substr(begin, reply.head.find("\r\n", begin) - begin));
    }
    ResponseView conditional(std::string_view etag, TimePoint now) {
        return std::get<ResponseView>(api.answer({Method::get, path, etag}, now));
    }
    unsigned status_from(std::string_view peer, std::string_view forwarded_for = "") {
        Request request{Method::get, path, {}};
        request.peer = peer;
        request.forwarded_for = forwarded_for;
        return std::get<ResponseView>(api.answer(request, noon)).status;
    }
    exports::Export& bestchange() { return market.exports.all.front(); }
    Json explain(TimePoint now = noon) { return Json::parse(get(path + "/explain", now).body); }

    const std::string path = "/api/v2/exports/bestchange";
};

TEST_F(ExportsV2, AreServedInTheirFormat) {
    const auto reply = get(path);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_TRUE(has(reply, "Content-Type: application/xml"));
    EXPECT_TRUE(has(reply, "Cache-Control: no-cache, max-age=0"));
    EXPECT_TRUE(has(reply, "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT"));
    EXPECT_TRUE(holds(reply.body, "<from>BTC</from><to>CARDUSD</to><in>1</in><out>53460</out>"))
        << reply.body;
    EXPECT_TRUE(holds(reply.body, "<from>ETH</from>"));
    const auto length = reply.body.size();
    const auto head = ask(Method::head, path);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(header(head, "Content-Length"), std::to_string(length));
}

TEST_F(ExportsV2, MayHaveTheSuffixOfTheirFormat) {
    EXPECT_EQ(get(path + ".xml").status, 200U);
    EXPECT_EQ(get(path + ".json").status, 404U);
    bestchange().format = Format::iex_json;
    market.board.apply(quote(binance, btc_usd, "54000"));
    EXPECT_EQ(get(path + ".json").status, 200U);
    EXPECT_TRUE(has(get(path), "Content-Type: application/json"));
}

TEST_F(ExportsV2, LoseEachItemTheMomentItsCourseIsStale) {
    market.board.apply(quote(binance, eth_usd, "3000", noon + 1s));
    EXPECT_TRUE(holds(get(path, noon + 4999ms).body, "<from>BTC</from>"));
    const auto later = get(path, noon + 5s).body;
    EXPECT_FALSE(holds(later, "<from>BTC</from>"));
    EXPECT_TRUE(holds(later, "<from>ETH</from>"));
    const auto empty = get(path, noon + 6s);
    EXPECT_EQ(empty.status, 200U);
    EXPECT_TRUE(empty.body.ends_with("version=\"1\">\n</rates>\n")) << empty.body;
}

TEST_F(ExportsV2, LoseADisputedItemAtOnce) {
    EXPECT_TRUE(holds(get(path).body, "<from>BTC</from>"));
    auto disputed = quote(binance, btc_usd, "54000");
    disputed.dispute = "far above the others";
    market.board.apply(disputed);
    EXPECT_FALSE(holds(get(path).body, "<from>BTC</from>"));
    const auto item = explain().at("items").at(0);
    EXPECT_EQ(item.at("state"), "disputed");
    EXPECT_EQ(item.at("reason"), "Disputed: far above the others.");
    EXPECT_EQ(item.at("rate"), nullptr);
}

TEST_F(ExportsV2, AreRenderedOnceAChangeOrExpiry) {
    const ResponseWriter writer("");
    exports::ReserveBook reserves;
    ExportsCache cache(market.board, reserves, writer);
    const auto find = [&](TimePoint now) { return cache.find(bestchange(), "", now); };
    for (int i = 0; i < 3; ++i) find(noon + i * 1s);
    EXPECT_EQ(cache.renders(), 1U);
    market.board.apply(quote(binance, btc_usd, "54001"));
    find(noon + 3s);
    EXPECT_EQ(cache.renders(), 2U);
    find(noon + 5s);
    find(noon + 1h);
    EXPECT_EQ(cache.renders(), 3U) << "nothing is left that could expire";

    reserves.set(0, {rate("1"), noon + 2h});
    find(noon + 1h);
    EXPECT_EQ(cache.renders(), 4U);

    bestchange().items[0].hours = exports::OpeningHours{9h, 21h, {}, ""};
    market.board.apply(quote(binance, btc_usd, "54001"));
    find(noon + 1h);
    find(noon + 1h + 39s);
    EXPECT_EQ(cache.renders(), 5U);
    find(noon + 1h + 40s);
    EXPECT_EQ(cache.renders(), 6U) << "a minute has begun";
}

TEST_F(ExportsV2, HaveATagAndATimeThatChangeExactlyWithTheBody) {
    const auto first = get(path, noon + 100ms);
    const auto etag = header(first, "ETag"), modified = header(first, "Last-Modified");
    EXPECT_EQ(conditional(etag, noon + 2s).status, 304U);
    EXPECT_EQ(header(conditional(etag, noon + 2s), "Last-Modified"), modified);
    EXPECT_EQ(conditional("\"other\"", noon + 2s).status, 200U);

    market.board.apply(quote(binance, btc_usd, "54000.000123"));  // the same rate once more
    EXPECT_EQ(header(get(path, noon + 2s), "Last-Modified"), modified);
    market.board.apply(quote(binance, btc_usd, "54100"));
    const auto second = get(path, noon + 3s);
    EXPECT_EQ(header(second, "Last-Modified"), "Tue, 14 Nov 2023 22:13:23 GMT");
    EXPECT_NE(header(second, "ETag"), etag);
}

TEST_F(ExportsV2, TellNobodyElseThatTheyExist) {
    const std::string nothing(get("/api/v2/exports/none").body);
    EXPECT_TRUE(holds(nothing, "No export is served here."));
    bestchange().secret = "a-secret-of-the-path";
    for (const auto* const other : {"", ".", ".a-secret-of-the-pat", ".a-secret-of-the-path.", ".xml",
                                    ".a-secret-of-the-path.json", ".b-secret-of-the-path"}) {
        EXPECT_EQ(get(path + other).status, 404U) << other;
        EXPECT_EQ(get(path + other).body, nothing);
        EXPECT_EQ(get(path + other + "/explain").status, 404U);
        EXPECT_EQ(get(path + other + "?colour=red").status, 404U);
    }
    EXPECT_EQ(get(path + ".a-secret-of-the-path").status, 200U);
    EXPECT_EQ(get(path + ".a-secret-of-the-path.xml").status, 200U);
    EXPECT_EQ(get(path + ".a-secret-of-the-path/explain").status, 200U);
    EXPECT_EQ(get(path + ".a-secret-of-the-path?colour=red").status, 400U);
}

TEST_F(ExportsV2, OfExchangerCmsArePostedWithTheSecretInAHeader) {
    bestchange().format = Format::exchanger_cms;
    bestchange().secret = "a-secret-of-a-header";
    const auto ask_with = [&](Method method, std::string_view secret, const std::string& target) {
        Request request{method, target, "*"};
        request.x_authorization = secret;
        return std::get<ResponseView>(api.answer(request, noon));
    };
    const auto& secret = bestchange().secret;
    const auto reply = ask_with(Method::post, secret, path);
    EXPECT_EQ(reply.status, 200U) << "a POST has no conditions";
    EXPECT_TRUE(has(reply, "Content-Type: application/json"));
    EXPECT_EQ(reply.body,
              "{\"success\":true,\"result\":{\"BTCCARDUSD\":[1,53460],\"ETHCARDUSD\":[1,2970]}}\n");
    EXPECT_EQ(ask_with(Method::post, "", path + "." + secret + ".json").status, 200U);
    for (const auto* const wrong : {"", "a-secret-of-a-heade", "a-secret-of-a-header-"})
        EXPECT_EQ(ask_with(Method::post, wrong, path).status, 404U) << wrong;
    EXPECT_EQ(ask_with(Method::post, secret, path + ".another-secret-than").status, 404U);
    EXPECT_EQ(ask_with(Method::post, secret, path + "?colour=red").status, 400U);
    EXPECT_EQ(ask_with(Method::get, secret, path + "/explain").status, 200U);
    for (const auto method : {Method::get, Method::head}) {
        const auto refused = ask_with(method, secret, path);
        EXPECT_EQ(refused.status, 405U);
        EXPECT_TRUE(has(refused, "Allow: POST"));
        EXPECT_EQ(ask_with(method, "", path).status, 404U);
    }
    bestchange().secret.clear();
    EXPECT_EQ(ask_with(Method::post, "whatever", path).status, 200U);
}

TEST_F(ExportsV2, OfOtherFormatsAreNotPosted) {
    const auto refused = ask(Method::post, path);
    EXPECT_EQ(refused.status, 405U);
    EXPECT_TRUE(has(refused, "Allow: GET, HEAD"));
    EXPECT_EQ(ask(Method::post, "/api/v2/exports/none").status, 404U);
    Request other{Method::get, path, {}};
    other.x_authorization = "whatever";
    EXPECT_EQ(std::get<ResponseView>(api.answer(other, noon)).status, 200U);
    bestchange().secret = "a-secret-of-the-path";
    other.x_authorization = bestchange().secret;
    EXPECT_EQ(std::get<ResponseView>(api.answer(other, noon)).status, 404U);
}

TEST_F(ExportsV2, AllowTheMethodsOfAllFormats) {
    EXPECT_TRUE(has(ask(Method::other, path), "Allow: GET, HEAD, POST"));
    const auto preflight = std::get<ResponseView>(open_api.answer({Method::options, path, {}}, noon));
    EXPECT_EQ(preflight.status, 204U);
    EXPECT_TRUE(has(preflight, "Access-Control-Allow-Methods: GET, HEAD, POST, OPTIONS"));
    EXPECT_TRUE(has(ask(Method::post, path + "/explain"), "Allow: GET, HEAD"));
    EXPECT_EQ(ask(Method::post, path + "/").status, 307U);
}

TEST_F(ExportsV2, AreServedToAllowedAddressesOnly) {
    EXPECT_EQ(status_from("198.51.100.1"), 200U);
    bestchange().allowed = {*exports::parse_address_range("192.0.2.0/24")};
    EXPECT_EQ(status_from("192.0.2.7"), 200U);
    EXPECT_EQ(status_from("198.51.100.1", "192.0.2.7"), 404U);
    EXPECT_EQ(status_from(""), 404U);
    market.exports.proxies = {*exports::parse_address_range("172.16.0.0/12")};
    EXPECT_EQ(status_from("172.18.0.2", "192.0.2.7"), 200U);
    EXPECT_EQ(status_from("172.18.0.2", "192.0.2.7, 198.51.100.1"), 404U);
}

TEST_F(ExportsV2, OfAnExchangerAskForItsRates) {
    get(path);
    EXPECT_TRUE(market.requested.empty());
    bestchange().exchanger = coingecko;
    market.board.apply(quote(binance, btc_usd, "54000"));
    EXPECT_FALSE(holds(get(path).body, "<item>"));
    EXPECT_EQ(market.requested, std::vector{coingecko});
    market.requested.clear();
    explain();
    EXPECT_EQ(market.requested, std::vector{coingecko});
    EXPECT_EQ(explain().at("items").at(0).at("reason"),
              "The prices of some of its legs at coingecko are not known.");
}

TEST_F(ExportsV2, AreExplainedItemByItem) {
    bestchange().items[1].hours = exports::OpeningHours{9h, 21h, {}, "09:00-21:00 UTC"};
    const auto reply = get(path + "/explain", noon + 300ms);
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
    const auto told = Json::parse(reply.body);
    EXPECT_EQ(told.at("export"), "bestchange");
    EXPECT_EQ(told.at("format"), "eref-1.1");
    EXPECT_EQ(told.at("exchanger"), "binance");
    EXPECT_EQ(told.at("items").at(0),
              Json::parse(R"({"from":"BTC","to":"CARDUSD","city":null,"is_published":true,"reason":null,
                  "direction":"BTC-USD","side":"sell","state":"fresh","rate":"54000.000123",
                  "observed_at":"2023-11-14T22:13:20.000Z","age_ms":300,"fresh_until":"2023-11-14T22:13:25.000Z",
                  "in":"1","out":"53460","min":"0.001","max":"1.87055742","reserve":"100000",
                  "tiers":[{"min":"0.001","max":"1.87055742","markup":"1%","exact":"53460.00012177",
                            "in":"1","out":"53460"}]})"))
        << told.at("items").at(0);
    const auto& closed = told.at("items").at(1);
    EXPECT_EQ(closed.at("is_published"), false);
    EXPECT_EQ(closed.at("reason"), "Outside of its hours, 09:00-21:00 UTC.");
    EXPECT_EQ(closed.at("rate"), "3000");
    EXPECT_EQ(closed.at("tiers"), Json::array());
}

}  // namespace
}  // namespace kurs::api
