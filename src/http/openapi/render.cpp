#include "openapi/render.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "openapi/texts.hpp"

namespace kurs::http::openapi {
namespace {

using Json = nlohmann::ordered_json;

Json parse(std::string_view text) {
    return Json::parse(text, nullptr, true, true);  // with comments
}

void replace_all(std::string& text, std::string_view old, std::string_view fresh) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + fresh.size()))
        text.replace(at, old.size(), fresh);
}

/// Examples speak of the built-in market map. What an operator's map does not have, its first stands for.
std::string fitted(std::string_view text, const MarketMap& map) {
    std::string fit(text);
    for (const auto* const direction : {"BTC-USD", "BTC-RUB", "ETH-USD"}) {
        if (!map.find_direction(Direction::parse(direction).value()))
            replace_all(fit, direction, map.directions.front().text());
    }
    for (const auto* const exchanger : {"binance", "coingecko"}) {
        const auto venue = map.find_venue(exchanger);
        if (!venue || std::ranges::find(map.exchangers, *venue) == map.exchangers.end())
            replace_all(fit, exchanger, map.name(map.exchangers.front()));
    }
    return fit;
}

Json reference(std::string_view kind, std::string_view name) {
    return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

Json make_components(const Texts& texts, const MarketMap& map) {
    Json components;
    auto& schemas = components["schemas"] = parse(texts.schemas);
    for (const auto& direction : map.directions)
        schemas.at("Direction").at("enum").push_back(direction.text());
    for (const VenueId venue : map.exchangers) schemas.at("Exchanger").at("enum").push_back(map.name(venue));
    components["responses"] = parse(texts.responses);
    components["parameters"] = parse(fitted(texts.parameters, map));
    components["headers"] = parse(fitted(texts.headers, map));
    components["examples"] = parse(fitted(texts.examples, map));
    components["examples"].update(parse(fitted(texts.problems, map)));
    return components;
}

/// Names where the operation names, and refers where that is said once for all.
Json complete(std::string_view id, Json operation, const Json& components) {
    operation["operationId"] = id;
    for (auto& parameter : operation.at("parameters")) {
        const auto name = parameter.get<std::string>();
        parameter = reference("parameters", name);
        if (!components.at("parameters").contains(name)) throw std::logic_error("no parameter " + name);
    }
    auto& responses = operation.at("responses");
    for (const auto& [status, response] : components.at("responses").items()) {
        if (!responses.contains(status)) responses[status] = reference("responses", status);
    }
    return operation;
}

/// "/api/v2/courses/" is "/api/v2/courses/{direction}".
std::string template_of(std::string_view path, const Json& operation, const Json& components) {
    std::string full(path);
    if (!path.ends_with('/')) return full;
    for (const auto& parameter : operation.at("parameters")) {
        const auto& described = components.at("parameters").at(parameter.get<std::string>());
        if (described.at("in") == "path")
            full.append("{").append(described.at("name").get<std::string>()).append("}");
    }
    return full;
}

}  // namespace

std::string render(const MarketMap& map, std::string_view version, std::span<const DescribedPath> paths) {
    const auto texts = built_in_texts();
    const auto components = make_components(texts, map);
    auto operations = parse(texts.operations);
    auto document = parse(texts.document);
    document.at("info").at("version") = version;
    auto& described = document["paths"] = Json::object();
    for (const auto& [path, id] : paths) {
        const auto found = operations.find(std::string(id));
        if (found == operations.end()) throw std::logic_error("not described: " + std::string(path));
        const auto full = template_of(path, *found, components);
        described[full]["get"] = complete(id, *found, components);
        operations.erase(std::string(id));
    }
    if (!operations.empty()) throw std::logic_error("not served: " + operations.begin().key());
    document["components"] = components;
    return document.dump();
}

}  // namespace kurs::http::openapi
