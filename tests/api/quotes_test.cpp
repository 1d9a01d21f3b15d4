#include <nlohmann/json.hpp>

#include "api_fixture.hpp"

namespace kurs::api {
namespace {

using Json = nlohmann::json;

constexpr auto pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

constexpr auto id = "0b7c1c2e-8f1b-4d6e-9c55-3f6b1f0a7d21";
constexpr auto plain = R"({"direction":"BTC-USD","side":"sell","amount":"0.05","ttl":60})";

/// A key "desk" of the scope quote, and an export that sells BTC at 1 % below 54001.1 / 1.00002.
struct QuotesV2 : ApiFixture {
    QuotesV2() {
        market.map.places = {{"USD", 2}, {"BTC", 8}};
        market.board.apply(crossed_quote());
    }

    Sources sources() {
        auto all = market.sources();
        all.access = &rules;
        all.locking = Locking{*lock::SigningKeys::parse(pem), 15min, [] { return id; }};
        return all;
    }
    Outcome post(std::string_view body, std::optional<std::string_view> key = {}, TimePoint now = noon) {
        Request request{Method::post, "/api/v2/quotes", {}};
        request.authorization = "Bearer key of the desk";
        request.content_type = "application/json; charset=utf-8";
        request.idempotency_key = key;
        request.body = body;
        return locking.answer(request, now);
    }
    lock::LockOrder order(std::string_view body, std::optional<std::string_view> key = {},
                          TimePoint now = noon) {
        const auto outcome = post(body, key, now);
        if (const auto* const refused = std::get_if<ResponseView>(&outcome)) ADD_FAILURE() << refused->body;
        const auto& lookup = std::get<QuoteLookup>(std::get<Lookup>(outcome).asked);
        return std::get<lock::LockOrder>(lookup.question);
    }
    Json quote_of(std::string_view body) { return Json::parse(order(body).quote->body); }
    std::string refusal(std::string_view body, unsigned status = 400) {
        const auto outcome = post(body);
        const auto* const reply = std::get_if<ResponseView>(&outcome);
        if (!reply) return "none";
        EXPECT_EQ(reply->status, status) << reply->body;
        return Json::parse(reply->body).at("detail");
    }
    ResponseView stored(const Outcome& outcome, lock::LockAnswer found) {
        return locking.answer(std::get<Lookup>(outcome), Finding(std::move(found)), noon + 5ms);
    }

    access::Rules rules{{{"desk", access::digest_of("key of the desk"), {access::Scope::quote}, 0},
                         {"shop", access::digest_of("key of the shop"), {access::Scope::read}, 0}},
                        {}};
    Api locking{sources(), ""};
};

/// A body with one member changed.
std::string with(std::string_view name, const Json& value) {
    auto body = Json::parse(plain);
    body[std::string(name)] = value;
    return body.dump();
}

TEST_F(QuotesV2, AreDocumentsThatAreSigned) {
    const auto locked = order(plain);
    EXPECT_EQ(locked.client, "desk");
    EXPECT_FALSE(locked.key);
    EXPECT_EQ(locked.expires_at, noon + 60s);
    EXPECT_EQ(locked.quote->id, id);
    EXPECT_TRUE(
        locked.quote->signature.starts_with("eyJhbGciOiJFZERTQSIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il0s"));
    EXPECT_TRUE(locked.quote->body.starts_with(
        R"({"id":"0b7c1c2e-8f1b-4d6e-9c55-3f6b1f0a7d21","locked_at":"2023-11-14T22:13:20.000Z",)"
        R"("expires_at":"2023-11-14T22:14:20.000Z","direction":"BTC-USD","side":"sell",)"
        R"("give":{"asset":"BTC","amount":"0.05"},"get":{"asset":"USD","amount":"2700"},)"
        R"("rate":"54000.01999960000799984","base_rate":"54000.01999960000799984","markup":"0%","export":null,)"))
        << locked.quote->body;
    EXPECT_TRUE(
        locked.quote->body.ends_with(R"("ask":"1.00002","observed_at":"2023-11-14T22:13:20.000Z"}]})"));
}

TEST_F(QuotesV2, SayWhatTheCustomerGivesAndGets) {
    const auto bought = quote_of(with("side", "buy"));
    EXPECT_EQ(bought.at("get").at("amount"), "0.05");
    EXPECT_EQ(bought.at("give"), (Json{{"asset", "USD"}, {"amount", "2700.09"}})) << "2700.0829... up";
    const auto inverse = quote_of(R"({"direction":"usd-btc","side":"sell","amount":"1000","ttl":1})");
    EXPECT_EQ(inverse.at("direction"), "USD-BTC");
    EXPECT_EQ(inverse.at("get"), (Json{{"asset", "BTC"}, {"amount", "0.01851794"}})) << "at the ask, down";
    EXPECT_EQ(inverse.at("courses")[0].at("inverted"), true);
}

TEST_F(QuotesV2, HaveTheMarkupOfAnItem) {
    auto body = Json::parse(plain);
    body["export"] = {{"name", "bestchange"}, {"from", "BTC"}, {"to", "CARDUSD"}, {"city", nullptr}};
    const auto quote = quote_of(body.dump());
    EXPECT_EQ(quote.at("markup"), "1%");
    EXPECT_EQ(quote.at("base_rate"), "54000.01999960000799984");
    EXPECT_EQ(quote.at("rate"), "53459.99") << "53459.9999... down, as published";
    EXPECT_EQ(quote.at("get").at("amount"), "2672.99") << "2672.9995 down";
    const auto& item = quote.at("export");
    EXPECT_EQ(item.at("in"), "1");
    EXPECT_EQ(item.at("out"), "53459.99");
    EXPECT_EQ(item.at("city"), nullptr);
    EXPECT_EQ(item.at("fees"), Json::array());

    body["side"] = "buy";
    EXPECT_EQ(
        refusal(body.dump()),
        "The customer of this item gives BTC and gets USD. Give a direction and a side of the same meaning.");
    body["direction"] = "USD-BTC";
    body["amount"] = "2672.99";
    const auto reversed = quote_of(body.dump());
    EXPECT_EQ(reversed.at("give"), (Json{{"asset", "BTC"}, {"amount", "0.04999983"}}));
    EXPECT_EQ(reversed.at("get"), (Json{{"asset", "USD"}, {"amount", "2672.99"}}));

    body["amount"] = "10";
    EXPECT_EQ(refusal(body.dump()), "The smallest order is 0.001 BTC. Give another amount.");
    body["amount"] = "10.001";
    EXPECT_EQ(refusal(body.dump()),
              "The amount has more than 2 decimals, which is what CARDUSD has. Round it.");
    body["export"]["to"] = "SBPRUB";
    EXPECT_EQ(
        refusal(body.dump()),
        "The export bestchange has no item from \"BTC\" to \"SBPRUB\" in that city. Name one of its items.");
}

TEST_F(QuotesV2, ShowTheFeesOfAnItem) {
    auto& item = market.exports.all.front().items.front();
    item.from_fees = {{rate("1"), true}};
    item.to_fees = {{rate("0.5"), false}};
    const auto quote = quote_of(with("export", {{"name", "bestchange"}, {"from", "BTC"}, {"to", "CARDUSD"}}));
    EXPECT_EQ(quote.at("export").at("fees"), Json::parse(R"([{"of":"give","amount":"1","is_percent":true},
                                                             {"of":"get","amount":"0.5","is_percent":false}])"));
    EXPECT_EQ(quote.at("get").at("amount"), "2672.99") << "without fees";
}

TEST_F(QuotesV2, AreMadeOfFreshCoursesOnly) {
    const auto stale = post(plain, {}, noon + 5s);
    const auto& reply = std::get<ResponseView>(stale);
    EXPECT_EQ(reply.status, 503U);
    EXPECT_TRUE(has(reply, "Retry-After: 1"));
    EXPECT_TRUE(holds(reply.body, "BTC-USD"));
    const auto body = with("export", {{"name", "bestchange"}, {"from", "BTC"}, {"to", "CARDUSD"}});
    EXPECT_EQ(std::get<ResponseView>(post(body, {}, noon + 5s)).status, 503U);
    market.exports.all.front().items.front().hours = exports::OpeningHours{9h, 10h, {}, "09:00-10:00 UTC"};
    EXPECT_EQ(refusal(body, 503), "The item is not published now. Outside of its hours, 09:00-10:00 UTC.");
}

TEST_F(QuotesV2, ARequestWithANameIsAnsweredFromTheStore) {
    EXPECT_EQ(order(plain, "\"a-1\"").key->text, "a-1");
    EXPECT_EQ(order(plain, "a-1").key->text, "a-1");
    EXPECT_EQ(order(plain, "a").key->request, access::digest_of(plain));
    const auto none_now = order(plain, "a", noon + 5s);
    EXPECT_FALSE(none_now.quote) << "but an earlier answer may be there";
    const auto outcome = post(plain, "a", noon + 5s);
    EXPECT_EQ(stored(outcome, lock::LockFailure::unknown).status, 503U);
    EXPECT_EQ(stored(outcome, lock::LockFailure::other_request).status, 422U);
    const auto replayed = stored(outcome, lock::StoredQuote{{id, "{}", "h..s"}, true});
    EXPECT_EQ(replayed.status, 201U);
    EXPECT_EQ(replayed.body, "{}");
    for (const auto* line :
         {"Idempotent-Replayed: true", "Kurs-Signature: h..s", "Kurs-Time: 2023-11-14T22:13:20.005Z",
          "Location: /api/v2/quotes/0b7c1c2e-8f1b-4d6e-9c55-3f6b1f0a7d21", "Cache-Control: no-store"})
        EXPECT_TRUE(has(replayed, line)) << line;
    for (const auto& name :
         {std::string(), std::string("a b"), std::string("\"a"), std::string(65, 'a'), std::string("a, a")}) {
        const auto refused = post(plain, name);
        EXPECT_EQ(std::get<ResponseView>(refused).status, 400U) << name;
    }
}

TEST_F(QuotesV2, MayBeLockedForTheLongestTime) {
    EXPECT_EQ(stored(post(with("ttl", 900), "a"), lock::StoredQuote{{id, "{}", "h..s"}, false}).status, 201U);
    EXPECT_EQ(stored(post(with("ttl", 900), "a"), lock::LockFailure::unknown).status, 503U);
}

TEST_F(QuotesV2, ARequestWithAKeyIsAnsweredAsBeforeThoughItWouldBeRefusedNow) {
    const auto outcome = post(with("ttl", 901), "a");
    EXPECT_EQ(stored(outcome, lock::StoredQuote{{id, "{}", "h..s"}, true}).status, 201U);
    EXPECT_EQ(stored(outcome, lock::LockFailure::unknown).status, 400U);
    EXPECT_EQ(stored(outcome, lock::LockFailure::other_request).status, 422U);
}

TEST_F(QuotesV2, AreConfirmedByTheStore) {
    EXPECT_TRUE(
        holds(stored(post(plain, "a"), lock::LockFailure::away).body, "with the same Idempotency-Key."));
    EXPECT_TRUE(holds(stored(post(plain), lock::LockFailure::away).body, "Send the request again."));
    EXPECT_FALSE(holds(stored(post(plain), lock::LockFailure::unfit).head, "Retry-After"));
    EXPECT_EQ(stored(post(plain), lock::LockFailure::unknown).status, 503U) << "it was to be stored";
    EXPECT_TRUE(has(stored(post(plain), lock::LockFailure::away), "Retry-After: 1"));
    EXPECT_EQ(stored(post(plain), lock::LockFailure::overdue).status, 503U);
    EXPECT_TRUE(holds(stored(post(plain), lock::LockFailure::not_kept).body, "without a database"));
    const auto confirmed = stored(post(plain), lock::StoredQuote{{id, "{}", "h..s"}});
    EXPECT_EQ(confirmed.status, 201U);
    EXPECT_FALSE(holds(confirmed.head, "Idempotent-Replayed"));
}

TEST_F(QuotesV2, AreReadByTheirId) {
    const auto read = [this](const std::string& target, std::string_view key = "key of the desk",
                             Method method = Method::get) {
        const auto authorization = "Bearer " + std::string(key);
        Request request{method, target, {}};
        request.authorization = authorization;
        return locking.answer(request, noon);
    };
    const auto target = std::string("/api/v2/quotes/") + id;
    const auto found = lock::StoredQuote{{id, "{}", "h..s"}};
    const auto reply = stored(read(target), found);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.body, "{}");
    EXPECT_TRUE(has(reply, "Kurs-Signature: h..s"));
    EXPECT_FALSE(holds(reply.head, "Location"));
    EXPECT_EQ(stored(read(target, "key of the desk", Method::head), found).body, "");
    EXPECT_EQ(stored(read(target), lock::LockFailure::unknown).status, 404U);
    EXPECT_EQ(std::get<ResponseView>(read(target + "0")).status, 404U);
    EXPECT_EQ(std::get<ResponseView>(read(target.substr(0, target.size() - 1) + "g")).status, 404U);
    EXPECT_EQ(std::get<ResponseView>(read(target + "?a=b")).status, 400U);
    EXPECT_EQ(std::get<ResponseView>(read(target, "key of the shop")).status, 403U);
    EXPECT_EQ(std::get<ResponseView>(read("/api/v2/quotes", "key of the desk")).status, 405U);
}

TEST_F(QuotesV2, TheirKeysArePublished) {
    const auto reply =
        std::get<ResponseView>(locking.answer({Method::get, "/.well-known/jwks.json", {}}, noon));
    EXPECT_EQ(reply.status, 200U);
    EXPECT_TRUE(has(reply, "Content-Type: application/jwk-set+json"));
    EXPECT_TRUE(has(reply, "Cache-Control: public, max-age=300"));
    EXPECT_EQ(Json::parse(reply.body).at("keys")[0].at("kid"), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST_F(QuotesV2, AreOffWithoutSigningKeys) {
    const auto refused = get("/api/v2/quotes");
    EXPECT_EQ(refused.status, 404U);
    EXPECT_TRUE(holds(refused.body, "QUOTE_KEYS_FILE"));
    EXPECT_EQ(get("/.well-known/jwks.json").status, 404U);
    EXPECT_FALSE(holds(get("/openapi.json").body, "lock_quote"));
    const auto described = std::get<ResponseView>(locking.answer({Method::get, "/openapi.json", {}}, noon));
    const auto document = Json::parse(described.body);
    EXPECT_EQ(document.at("paths").at("/api/v2/quotes").at("post").at("operationId"), "lock_quote");
}

TEST_F(QuotesV2, AMalformedRequestSaysWhatToChange) {
    const auto form = "The body is not a JSON object of this form.";
    for (const auto* body : {"", "[]", "{", "1", "{\"a\":\xff}", R"({"export":{"name":{"a":{}}}})"})
        EXPECT_TRUE(refusal(body).starts_with(form)) << body << refusal(body);
    EXPECT_EQ(refusal(std::string(8000, '[')).substr(0, 43), form);
    EXPECT_TRUE(refusal("{}").starts_with("The member direction is missing."));
    EXPECT_EQ(refusal(R"({"ttl":1,"ttl":1})"), "The member \"ttl\" is given twice. Give it once.");
    EXPECT_EQ(
        refusal(with("price", "1")),
        "Unknown member \"price\". Allowed: direction, side, amount, ttl, exchanger, export. Remove the "
        "unknown one.");
    EXPECT_EQ(refusal(with("amount", 0.05)), "The member amount must be a string. Put its value in quotes.");
    for (const auto* amount : {"0", "-1", "1e3", "1000000000000000", ""})
        EXPECT_TRUE(refusal(with("amount", amount)).starts_with("Malformed amount")) << amount;
    EXPECT_EQ(refusal(with("amount", "0.000000001")),
              "The amount has more than 8 decimals, which is what BTC has. Round it.");
    EXPECT_EQ(refusal(with("amount", "0.00000001")),
              "The amount is worth less than the last decimal of USD. Give a greater amount.");
    for (const auto& ttl : {Json(0), Json(901), Json(-1), Json(1.5), Json("60"), Json(nullptr)})
        EXPECT_EQ(refusal(with("ttl", ttl)),
                  "The member ttl must be a whole number of seconds from 1 to 900.");
    EXPECT_EQ(refusal(with("side", "both")), "Unknown side \"both\". Allowed: sell, buy.");
    EXPECT_TRUE(refusal(with("direction", "BTC-EUR")).starts_with("Unknown asset \"EUR\"."));
    EXPECT_TRUE(refusal(with("direction", "BTC-BTC")).starts_with("No direction"));
    EXPECT_TRUE(refusal(with("direction", "BTC")).starts_with("Malformed direction \"BTC\"."));
    EXPECT_TRUE(refusal(with("exchanger", "mtgox")).starts_with("Unknown exchanger \"mtgox\"."));
    EXPECT_TRUE(refusal(with("export", "bestchange")).starts_with("The member export must be an object"));
    EXPECT_TRUE(refusal(with("export", {{"name", "other"}, {"from", "A"}, {"to", "B"}}))
                    .starts_with("There is no export"));

    Request request{Method::post, "/api/v2/quotes", {}};
    request.authorization = "Bearer key of the desk";
    request.body = plain;
    EXPECT_EQ(std::get<ResponseView>(locking.answer(request, noon)).status, 415U);
}

TEST_F(QuotesV2, MayHaveAKeyInQuotesOrBare) {
    const auto is_refused = [&](std::string_view key) {
        const auto outcome = post(plain, key);
        return std::holds_alternative<ResponseView>(outcome) && std::get<ResponseView>(outcome).status == 400;
    };
    EXPECT_EQ(order(plain, R"("a")").key->text, "a");
    EXPECT_EQ(order(plain, "!~").key->text, "!~");
    EXPECT_EQ(order(plain, std::string(64, 'k')).key->text, std::string(64, 'k'));
    for (const auto& key : {std::string(), std::string(R"(")"), std::string(R"("")"), std::string(R"("a)"),
                            std::string(R"(a")"), std::string("a b"), std::string("a\\b"),
                            std::string("a\x7f"), std::string(65, 'k')})
        EXPECT_TRUE(is_refused(key)) << key;
}

}  // namespace
}  // namespace kurs::api
