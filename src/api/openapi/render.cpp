#include "api/openapi/render.hpp"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/replace.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "api/openapi/texts.hpp"
#include "api/parameters.hpp"

namespace kurs::api::openapi {
namespace {

using Json = nlohmann::ordered_json;

Json parse(std::string_view text) {
    return Json::parse(text, nullptr, true, true);  // with comments
}

std::string lower(std::string_view text) {
    return boost::algorithm::to_lower_copy(std::string(text), std::locale::classic());
}

std::string upper(std::string_view text) {
    return boost::algorithm::to_upper_copy(std::string(text), std::locale::classic());
}

/// A pattern that matches the words in any case. JSON Schema has no flag for that.
std::string any_case(const std::vector<std::string>& words) {
    std::string pattern;
    for (const auto& word : words) {
        if (!pattern.empty()) pattern += '|';
        const auto small = lower(word);
        const auto capital = upper(word);
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (small[i] != capital[i])
                pattern.append({'[', capital[i], small[i], ']'});
            else
                pattern += word[i];
        }
    }
    return "(" + pattern + ")";
}

std::vector<std::string> exchanger_names(const MarketMap& map) {
    std::vector<std::string> names;
    for (const VenueId venue : map.exchangers) names.emplace_back(map.name(venue));
    return names;
}

/// Examples name directions of the built-in market map, and have placeholders for exchangers and for the
/// assets of the first direction. Directions that the operator's map lacks are replaced by its first.
std::string fitted(std::string_view text, const MarketMap& map) {
    std::string fit(text);
    for (const auto* const direction : {"BTC-USD", "BTC-RUB", "ETH-USD"}) {
        if (map.find_direction(Direction::parse(direction).value())) continue;
        const auto first = map.directions.front().text();
        boost::algorithm::replace_all(fit, direction, first);
        boost::algorithm::replace_all(fit, lower(direction), lower(first));
    }
    boost::algorithm::replace_all(fit, "{base}", map.directions.front().base());
    boost::algorithm::replace_all(fit, "{quote}", map.directions.front().quote());
    const auto names = exchanger_names(map);
    boost::algorithm::replace_all(fit, "{first}", names.front());
    boost::algorithm::replace_all(fit, "{FIRST}", upper(names.front()));
    boost::algorithm::replace_all(fit, "{second}", names.size() > 1 ? names[1] : names.front());
    boost::algorithm::replace_all(fit, "{exchangers}", served_exchangers(map));
    return fit;
}

Json reference(std::string_view kind, std::string_view name) {
    return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

Json make_components(const Texts& texts, const MarketMap& map) {
    Json components;
    auto& schemas = components["schemas"] = parse(texts.schemas);
    std::vector<std::string> directions;
    for (const auto& direction : map.directions) directions.emplace_back(direction.text());
    auto exchangers = exchanger_names(map);
    const auto known_assets = map.assets();
    const std::vector<std::string> assets(known_assets.begin(), known_assets.end());
    schemas.at("Direction").at("enum") = directions;
    schemas.at("Asset").at("enum") = assets;
    schemas.at("Exchanger").at("enum") = exchangers;
    const auto direction = any_case(directions);
    schemas.at("AskedDirection").at("pattern") = "^" + direction + "$";
    schemas.at("AskedDirections").at("pattern") =
        "^[ \\t]*" + direction + "[ \\t]*(,[ \\t]*" + direction + "[ \\t]*)*$";
    schemas.at("AskedAsset").at("pattern") = "^" + any_case(assets) + "$";
    auto& asked = schemas.at("AskedExchanger");
    auto description = asked.at("description").get<std::string>();
    for (const auto& [alias, venue] : map.aliases) {
        if (!read_exchanger(map, alias)) continue;
        exchangers.push_back(alias);
        description += " `" + alias + "` is read as `" + venue + "`.";
    }
    asked.at("description") = description;
    asked.at("pattern") = "^[ \\t]*" + any_case(exchangers) + "[ \\t]*$";
    components["responses"] = parse(texts.responses);
    components["parameters"] = parse(fitted(texts.parameters, map));
    components["headers"] = parse(fitted(texts.headers, map));
    components["examples"] = parse(fitted(texts.examples, map));
    components["examples"].update(parse(fitted(texts.problems, map)));
    return components;
}

void add_access_components(Json& components, const Json& access) {
    components["securitySchemes"] = access.at("securitySchemes");
    for (const auto* const kind : {"headers", "examples"}) components[kind].update(access.at(kind));
}

void add_access(Json& operation, KeyUse use, const Json& access) {
    if (use == KeyUse::none) return;
    auto& security = operation["security"] = Json::array({{{"key", Json::array()}}});
    if (use == KeyUse::optional) security.push_back(Json::object());
    auto& responses = operation.at("responses");
    for (const auto& [status, response] : access.at("responses").items()) {
        auto& described = responses[status];
        const auto other = std::exchange(described, response);
        if (other.is_null()) continue;
        constexpr auto problem = "application/problem+json";
        described["description"] =
            other.at("description").get<std::string>() + " " + response.at("description").get<std::string>();
        described["content"][problem]["examples"].update(other.at("content").at(problem).at("examples"));
    }
}

/// Replaces the names of shared components in an operation with references.
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
    auto components = make_components(texts, map);
    const auto access = parse(texts.access);
    if (std::ranges::any_of(paths, [](const auto& path) { return path.key != KeyUse::none; }))
        add_access_components(components, access);
    auto operations = parse(texts.operations);
    const auto quotes = parse(fitted(texts.quotes, map));
    const auto& locking = quotes.at("operations");
    if (std::ranges::any_of(paths, [&](const auto& path) { return locking.contains(path.operation_id); })) {
        operations.update(locking);
        for (const auto& [kind, parts] : quotes.at("components").items()) components[kind].update(parts);
    }
    auto document = parse(texts.document);
    document.at("info").at("version") = version;
    auto& described = document["paths"] = Json::object();
    for (const auto& [path, id, key, is_post] : paths) {
        const auto found = operations.find(std::string(id));
        if (found == operations.end()) throw std::logic_error("not described: " + std::string(path));
        const auto full = template_of(path, *found, components);
        auto& operation = described[full][is_post ? "post" : "get"] = complete(id, *found, components);
        add_access(operation, key, access);
        operations.erase(std::string(id));
    }
    if (!operations.empty()) throw std::logic_error("not served: " + operations.begin().key());
    document["components"] = components;
    return document.dump();
}

}  // namespace kurs::api::openapi
