#include "kurs/config/market_document.hpp"

#include "config/json_parts.hpp"
#include "config/market_builder.hpp"
#include "kurs/domain/duration_text.hpp"

namespace kurs {
namespace {

std::optional<Rate> bound(const Json& symbol, const char* key, const std::string& where,
                          MarketBuilder& builder) {
    if (!symbol.contains(key)) return std::nullopt;
    const auto text = text_of(symbol.at(key), where + " " + key, builder);
    const auto rate = Rate::parse(text);
    if (rate) return *rate;
    builder.problem(where + " " + key, text, "must be a positive decimal in quotes, such as \"0.9\"");
    return std::nullopt;
}

SymbolLimits limits_of(const Json& symbol, const std::string& where, MarketBuilder& builder) {
    SymbolLimits limits;
    limits.min = bound(symbol, "min", where, builder);
    limits.max = bound(symbol, "max", where, builder);
    if (symbol.contains("max_age")) {
        const auto text = text_of(symbol.at("max_age"), where + " max_age", builder);
        const auto age = parse_duration(text);
        if (!age || age->count() < 1000)
            builder.problem(where + " max_age", text, "must be a time of at least 1s");
        limits.max_age = age.value_or(Duration{0});
    }
    if (symbol.contains("max_jump_percent")) {
        const Json& percent = symbol.at("max_jump_percent");
        const bool is_valid =
            percent.is_number_unsigned() && percent.get<unsigned>() >= 1 && percent.get<unsigned>() <= 1000;
        if (is_valid) {
            limits.max_jump_percent = percent.get<int>();
        } else {
            builder.problem(where + " max_jump_percent", percent.dump(),
                            "must be a whole number from 1 to 1000");
        }
    }
    return limits;
}

void read_symbols(const std::string& venue, const Json& symbols, bool is_declared, MarketBuilder& builder) {
    for (const auto& [name, symbol] : symbols.items()) {
        const auto where = venue + " symbol '" + name + "'";
        if (!symbol.is_object()) {
            builder.problem(where, symbol.dump().substr(0, 60), "must be an object");
            continue;
        }
        std::set<std::string> keys{"pair", "min", "max", "max_age", "max_jump_percent"};
        if (is_declared) keys.insert({"bid", "ask", "last", "time"});
        check_keys(symbol, keys, where, builder);
        const auto pair = symbol.contains("pair") ? text_of(symbol.at("pair"), where + " pair", builder) : "";
        builder.symbol(venue, name, pair, limits_of(symbol, where, builder));
    }
}

void read_reference_rates(const Json& rates, MarketBuilder::Limits limits, MarketBuilder& builder) {
    for (const auto& [name, sources] : rates.items()) {
        std::vector<std::string> texts;
        for (const auto& source : sources)
            texts.push_back(text_of(source, "reference rate '" + name + "'", builder));
        builder.reference_rate(name, texts, limits);
    }
}

void read_direction(const Json& entry, MarketBuilder& builder) {
    if (!entry.is_object() || !entry.contains("direction")) {
        return builder.problem("directions", entry.dump().substr(0, 60),
                               "each must be an object with a direction");
    }
    const auto name = text_of(entry.at("direction"), "direction", builder);
    std::map<std::string, std::string> routes;
    for (const auto& [venue, route] : entry.items()) {
        if (venue != "direction" && venue != "allowance")
            routes[venue] = text_of(route, "direction '" + name + "' at " + venue, builder);
    }
    const auto allowance = entry.contains("allowance")
                               ? text_of(entry.at("allowance"), "direction '" + name + "' allowance", builder)
                               : "";
    builder.direction(name, allowance, routes);
}

void read_places(const Json& places, MarketBuilder& builder) {
    for (const auto& [asset, count] : places.items()) {
        if (count.is_number_unsigned() && count.get<std::uint64_t>() <= Rate::decimals) {
            builder.places(asset, count.get<int>());
        } else {
            builder.problem("places '" + asset + "'", count.dump().substr(0, 60),
                            "must be a whole number from 0 to " + std::to_string(Rate::decimals));
        }
    }
}

/// Reads the parts in the order in which they depend on each other, whatever their order in the document.
void read(const Json& document, MarketBuilder& builder) {
    using Kind = Json::value_t;
    check_keys(document,
               {"venues", "exchangers", "same_as", "reference_rates", "fiat_legs", "places", "directions"},
               "top", builder);
    for (const auto& [asset, other] : member(document, "same_as", Kind::object, builder).items()) {
        builder.same_as(asset, text_of(other, "same_as '" + asset + "'", builder));
    }
    const Json& venues = member(document, "venues", Kind::object, builder);
    for (const auto& [name, venue] : venues.items()) builder.venue(name);
    for (const auto& [name, venue] : venues.items()) {
        if (!venue.is_object()) {
            builder.problem("venue '" + name + "'", "", "must be an object");
            continue;
        }
        check_keys(venue, {"source", "symbols"}, "venue '" + name + "'", builder);
        read_symbols(name, member(venue, "symbols", Kind::object, builder), venue.contains("source"),
                     builder);
    }
    for (const auto& name : member(document, "exchangers", Kind::array, builder)) {
        builder.exchanger(text_of(name, "exchangers", builder));
    }
    read_reference_rates(member(document, "reference_rates", Kind::object, builder),
                         MarketBuilder::Limits::of_the_venue, builder);
    read_reference_rates(member(document, "fiat_legs", Kind::object, builder),
                         MarketBuilder::Limits::of_reference_rates, builder);
    for (const auto& entry : member(document, "directions", Kind::array, builder))
        read_direction(entry, builder);
    read_places(member(document, "places", Kind::object, builder), builder);
}

}  // namespace

std::vector<VenueRule> venue_rules(const std::vector<Venue>& venues, const SettingValues& values) {
    std::vector<VenueRule> rules;
    for (const auto& venue : venues) {
        auto& rule = rules.emplace_back();
        rule.name = venue.id;
        rule.max_age = values.duration(venue.max_age);
        if (!venue.reference_max_age.empty())
            rule.reference_max_age = values.duration(venue.reference_max_age);
        rule.spelling = venue.spelling;
        rule.title = venue.title;
        rule.aliases = venue.aliases;
        if (venue.publications)
            rule.publications = std::make_shared<const PublicationPlan>(venue.publications(values));
    }
    return rules;
}

std::optional<MarketMap> parse_market_document(std::string_view document,
                                               const std::vector<VenueRule>& venues,
                                               std::vector<Problem>& problems) {
    const auto problems_before = problems.size();
    MarketBuilder builder(venues, problems);
    try {
        const Json parsed = parse_without_repeats(document, builder);
        if (parsed.is_object()) {
            read(parsed, builder);
        } else {
            builder.problem("document", "", "must be a JSON object");
        }
    } catch (const Json::parse_error& error) {
        builder.problem("byte " + std::to_string(error.byte), "", "is not JSON");
        return std::nullopt;
    } catch (const Json::out_of_range&) {
        builder.problem("document", "", number_too_large);
        return std::nullopt;
    }
    auto map = builder.finish();
    if (problems.size() != problems_before) return std::nullopt;
    return map;
}

}  // namespace kurs
