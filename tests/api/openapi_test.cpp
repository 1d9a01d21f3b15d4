#include <nlohmann/json.hpp>
#include <set>

#include "api/openapi/render.hpp"
#include "api_fixture.hpp"

namespace kurs::api {
namespace {

using Json = nlohmann::json;

/// "a (or b), c" without words that are not names.
std::set<std::string> names_in(std::string_view list) {
    std::set<std::string> names;
    std::string name;
    for (const char c : std::string(list) + " ") {
        const bool is_of_name = (c >= 'a' && c <= 'z') || c == '_' || c == '[' || c == ']';
        if (is_of_name) name += c;
        if (!is_of_name && !name.empty() && name != "or") names.insert(name);
        if (!is_of_name) name.clear();
    }
    return names;
}

std::string encoded(const std::string& text) {
    std::string code;
    for (const char c : text)
        code += c == '+' ? std::string("%2B") : c == ' ' ? std::string("%20") : std::string(1, c);
    return code;
}

struct OpenApi : ApiFixture {
    Json document = Json::parse(get("/openapi.json").body);

    const Json& resolve(const Json& node) const {
        if (!node.contains("$ref")) return node;
        return document.at(Json::json_pointer(node.at("$ref").get<std::string>().substr(1)));
    }

    /// The path with the examples of its parameters.
    std::string target_of(std::string path, const Json& operation) const {
        for (const auto& reference : operation.at("parameters")) {
            const auto& parameter = resolve(reference);
            if (parameter.at("in") != "path") continue;
            const auto hole = "{" + parameter.at("name").get<std::string>() + "}";
            const auto example = parameter.at("examples").front().at("value").get<std::string>();
            path.replace(path.find(hole), hole.size(), example);
        }
        return path;
    }

    /// "name=value" for every example of every query parameter.
    std::vector<std::pair<std::string, std::string>> examples_of(const Json& operation) const {
        std::vector<std::pair<std::string, std::string>> found;
        for (const auto& reference : operation.at("parameters")) {
            const auto& parameter = resolve(reference);
            if (parameter.at("in") != "query") continue;
            for (const auto& example : parameter.at("examples")) {
                const auto& value = example.at("value");
                for (const auto& each : value.is_array() ? value : Json::array({value})) {
                    found.emplace_back(parameter.at("name"),
                                       each.is_string() ? each.get<std::string>() : each.dump());
                }
            }
        }
        return found;
    }

    /// The parameter, and the examples of the other required ones.
    std::string query_of(const Json& operation, const std::string& name, const std::string& value) const {
        auto query = "?" + name + "=" + encoded(value);
        for (const auto& reference : operation.at("parameters")) {
            const auto& parameter = resolve(reference);
            const auto other = parameter.at("name").get<std::string>();
            if (parameter.at("in") != "query" || !parameter.value("required", false) || other == name)
                continue;
            const auto example = parameter.at("examples").front().at("value").get<std::string>();
            query.append("&").append(other).append("=").append(encoded(example));
        }
        return query;
    }

    unsigned status_of(const std::string& target) {
        const auto answer = full_api.answer({Method::get, target, {}}, examples_now);
        const auto* const reply = std::get_if<ResponseView>(&answer);
        return reply ? reply->status : 200;
    }

    Sources full_sources() {
        auto sources = market.sources();
        sources.metrics = [] { return std::string(); };
        return sources;
    }

    Api full_api{full_sources(), ""};

    /// After the times in the examples.
    static constexpr TimePoint examples_now = std::chrono::sys_days(std::chrono::year(2030) / 1 / 1);
};

TEST_F(OpenApi, DescribesExactlyTheServedPaths) {
    std::set<std::string> paths;
    for (const auto& [path, item] : document.at("paths").items()) paths.insert(path);
    EXPECT_EQ(paths, (std::set<std::string>{
                         "/api/v1/courses", "/courses", "/api/v2/courses", "/api/v2/courses/{direction}",
                         "/api/v2/courses/{direction}/explain", "/api/v2/convert", "/api/v2/exports/{name}",
                         "/api/v2/exports/{name}/explain", "/api/v2/history/{direction}",
                         "/api/v2/history/{direction}/candles.csv", "/api/v2/exchangers", "/api/v2/stream",
                         "/api/v2/ws", "/livez", "/readyz", "/metrics", "/openapi.json"}));
    for (const auto& [path, item] : document.at("paths").items())
        EXPECT_NE(status_of(target_of(path, item.at("get"))), 404U) << path;
}

TEST_F(OpenApi, ThrowsUnlessPathsAndOperationsMatch) {
    const std::vector<openapi::DescribedPath> one{{"/livez", "get_liveness"}};
    EXPECT_THROW(openapi::render(market.map, "1", one), std::logic_error);
    const std::vector<openapi::DescribedPath> unknown{{"/teapot", "brew_coffee"}};
    EXPECT_THROW(openapi::render(market.map, "1", unknown), std::logic_error);
}

TEST_F(OpenApi, ListsExactlyTheParametersThatAreRead) {
    for (const auto& [path, item] : document.at("paths").items()) {
        if (!path.starts_with("/api/")) continue;
        const auto& operation = item.at("get");
        std::set<std::string> documented;
        for (const auto& reference : operation.at("parameters")) {
            const auto& parameter = resolve(reference);
            if (parameter.at("in") == "query") documented.insert(parameter.at("name").get<std::string>());
        }
        const auto reply = get(target_of(path, operation) + "?colour=red");
        EXPECT_EQ(reply.status, 400U) << path;
        const auto detail = Json::parse(reply.body).at("detail").get<std::string>();
        const auto from = detail.find("Allowed: ");
        const auto list = from == std::string::npos ? "" : detail.substr(from + 9, detail.find(". ") - from);
        EXPECT_EQ(names_in(list.substr(0, list.find('.'))), documented) << path << ": " << detail;
    }
}

TEST_F(OpenApi, HasExamplesThatAreAccepted) {
    for (const auto& [path, item] : document.at("paths").items()) {
        const auto& operation = item.at("get");
        const auto target = target_of(path, operation);
        for (const auto& [name, value] : examples_of(operation)) {
            const auto asked = target + query_of(operation, name, value);
            EXPECT_NE(status_of(asked), 400U) << asked;
        }
    }
}

TEST_F(OpenApi, ListsTheDirectionsAndExchangersOfTheMarketMap) {
    const auto& schemas = document.at("components").at("schemas");
    EXPECT_EQ(schemas.at("Direction").at("enum"), (Json{"BTC-RUB", "BTC-USD", "ETH-USD"}));
    EXPECT_EQ(schemas.at("Exchanger").at("enum"), (Json{"binance", "coingecko"}));
    EXPECT_EQ(schemas.at("Asset").at("enum"), (Json{"BTC", "RUB", "USD", "ETH"}));
}

TEST_F(OpenApi, HasPatternsThatMatchNamesInAnyCase) {
    market.map.directions = {*Direction::parse("BTC-USD"), *Direction::parse("X2-EUR")};
    market.map.exchangers = {coingecko};
    market.map.aliases = {{"coingeko", "coingecko"}, {"nobody", "nowhere"}};
    Api other(market.sources(), "");
    const auto body = std::get<ResponseView>(other.answer({Method::get, "/openapi.json", {}}, noon)).body;
    const auto schemas = Json::parse(body).at("components").at("schemas");
    const std::string directions = "([Bb][Tt][Cc]-[Uu][Ss][Dd]|[Xx]2-[Ee][Uu][Rr])";
    EXPECT_EQ(schemas.at("AskedDirection").at("pattern"), "^" + directions + "$");
    const auto asked = schemas.at("AskedExchanger");
    EXPECT_EQ(asked.at("pattern"),
              "^[ \\t]*([Cc][Oo][Ii][Nn][Gg][Ee][Cc][Kk][Oo]|[Cc][Oo][Ii][Nn][Gg][Ee][Kk][Oo])[ \\t]*$");
    EXPECT_NE(asked.at("description").get<std::string>().find("`coingeko` is read as `coingecko`."),
              std::string::npos);
}

TEST_F(OpenApi, NamesNoKeysWhereNoneIsNeeded) {
    EXPECT_FALSE(document.at("components").contains("securitySchemes"));
}

TEST_F(OpenApi, HasExamplesOfAnotherMarketMapToo) {
    market.map.directions = {*Direction::parse("SOL-EUR")};
    market.map.exchangers = {coingecko};
    Api other(market.sources(), "");
    const std::string body(
        std::get<ResponseView>(other.answer({Method::get, "/openapi.json", {}}, noon)).body);
    const auto parameters = Json::parse(body).at("components").at("parameters");
    EXPECT_EQ(parameters.at("direction").at("examples").at("One").at("value"), Json{"SOL-EUR"});
    EXPECT_EQ(parameters.at("exchanger").at("examples").front().at("value"), "coingecko");
    EXPECT_EQ(body.find("binance"), std::string::npos);
    EXPECT_NE(body.find(R"(Unknown exchanger \"mtgox\". Allowed: coingecko.)"), std::string::npos);
    for (const auto* const placeholder :
         {"{first}", "{FIRST}", "{second}", "{exchangers}", "{base}", "{quote}"})
        EXPECT_EQ(body.find(placeholder), std::string::npos) << placeholder;
}

TEST_F(OpenApi, IsCachedAndRevalidated) {
    const auto first = get("/openapi.json");
    const auto at = first.head.find("ETag: ") + 6;
    const std::string etag(first.head.substr(at, first.head.find("\r\n", at) - at));
    EXPECT_TRUE(has(first, "Cache-Control: no-cache, max-age=0"));
    EXPECT_TRUE(has(first, "Content-Type: application/json"));
    const auto again = std::get<ResponseView>(api.answer({Method::get, "/openapi.json", etag}, noon));
    EXPECT_EQ(again.status, 304U);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(ask(Method::head, "/openapi.json").body, "");
}

TEST_F(OpenApi, NamesTheVersionOfTheProgram) {
    auto sources = market.sources();
    sources.version = "7.8.9";
    Api named(std::move(sources), "");
    const std::string body(
        std::get<ResponseView>(named.answer({Method::get, "/openapi.json", {}}, noon)).body);
    EXPECT_EQ(Json::parse(body).at("info").at("version"), "7.8.9");
}

}  // namespace
}  // namespace kurs::api
