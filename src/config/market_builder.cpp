#include "config/market_builder.hpp"

#include <algorithm>
#include <utility>

namespace kurs {
namespace {

/// The maximum that a cross rate multiplies exactly.
constexpr std::size_t leg_limit = 6;

/// How far venues may differ where the market map does not say so.
constexpr std::uint32_t default_allowance_ppm = 5'000;

/// The exchanger without a venue.
constexpr auto consensus_name = "consensus";

std::string quoted(const std::string& text) {
    return "'" + text + "'";
}

}  // namespace

MarketBuilder::MarketBuilder(const std::vector<VenueRule>& venues, std::vector<Problem>& problems)
    : rules_(venues), problems_(problems) {}

void MarketBuilder::problem(std::string where, std::string value, std::string rule) {
    problems_.push_back({"market map, " + where, std::move(value), std::move(rule)});
}

const VenueRule* MarketBuilder::rule(const std::string& venue) const {
    const auto found = std::ranges::find(rules_, venue, &VenueRule::name);
    return found == rules_.end() ? nullptr : &*found;
}

void MarketBuilder::same_as(const std::string& asset, const std::string& other) {
    if (!is_asset_code(asset) || !is_asset_code(other)) {
        return problem("same_as", asset + ": " + other, "both must be asset codes such as USDT");
    }
    map_.same_as[asset] = other;
}

void MarketBuilder::venue(const std::string& name) {
    if (const auto* const known_rule = rule(name)) {
        map_.venues.push_back(name);
        map_.titles[name] = known_rule->title;
        for (const auto& alias : known_rule->aliases) map_.aliases[alias] = name;
        return;
    }
    std::string known;
    for (const auto& each : rules_) known += (known.empty() ? "" : ", ") + each.name;
    problem("venues", name, "must be one of " + known);
}

void MarketBuilder::exchanger(const std::string& name) {
    if (name == consensus_name && !map_.consensus) {
        map_.consensus = static_cast<VenueId>(map_.venues.size());
        map_.venues.push_back(name);
        map_.titles[name] = {"Consensus", "Консенсус"};
    }
    const auto venue = map_.find_venue(name);
    if (!venue) return problem("exchangers", name, "must be one of the venues above, or consensus");
    if (std::ranges::count(map_.exchangers, *venue) > 0) return problem("exchangers", name, "is named twice");
    map_.exchangers.push_back(*venue);
}

void MarketBuilder::symbol(const std::string& venue, const std::string& name, const std::string& pair,
                           SymbolLimits limits) {
    const auto where = venue + " symbol " + quoted(name);
    const auto id = find_or_add_symbol(where, venue, name);
    if (!id) return;
    stated_symbols_.insert(venue + " " + name);
    auto& symbol = map_.symbols[index(*id)];
    if (limits.max_age == Duration{0}) {
        limits.max_age = symbol.limits.max_age;
    } else {
        stated_ages_.insert(venue + " " + name);
    }
    symbol.limits = limits;
    if (limits.min && limits.max && *limits.min >= *limits.max) problem(where, "", "min must be below max");
    if (pair.empty()) return;
    stated_pairs_.insert(venue + " " + name);
    const auto slash = pair.find('/');
    symbol.base = pair.substr(0, slash);
    symbol.quote = slash == std::string::npos ? "" : pair.substr(slash + 1);
    if (!is_asset_code(symbol.base) || !is_asset_code(symbol.quote)) {
        problem(where, pair, "pair must be two asset codes such as BTC/USDT");
    }
}

void MarketBuilder::reference_rate(const std::string& name, const std::vector<std::string>& sources,
                                   Limits limits) {
    const auto where = "reference rate " + quoted(name);
    const auto direction = Direction::parse(name);
    if (!direction) return problem(where, "", "must be named like USD-RUB");
    for (const auto& other : map_.reference_rates)
        if (other.direction == *direction) return problem(where, "", "is named twice");
    ReferenceRate rate{*direction, {}};
    for (const auto& source : sources) reference_source(where, rate, source, limits);
    if (sources.empty()) problem(where, "", "needs at least one source");
    map_.reference_rates.push_back(std::move(rate));
}

void MarketBuilder::reference_source(const std::string& where, ReferenceRate& rate, const std::string& text,
                                     Limits limits) {
    const auto colon = text.find(": ");
    const auto factors = parse_route(colon == std::string::npos ? "" : text.substr(colon + 2));
    if (!factors) return problem(where, text, "must have the form 'coingecko: tether/rub / tether/usd'");
    const auto venue = text.substr(0, colon);
    ReferenceSource source;
    for (const auto& factor : *factors) {
        if (const auto reference = find_reference(venue, factor.name)) {
            source.references.push_back({*reference, factor.inverted});
            continue;
        }
        const auto symbol = find_or_add_symbol(where, venue, factor.name);
        if (!symbol) return;
        const auto own_limit = map_.symbol(*symbol).limits.max_age;
        const bool is_own =
            limits == Limits::of_the_venue || stated_ages_.contains(venue + " " + factor.name);
        const auto limit = is_own ? own_limit : rule(venue)->reference_max_age.value_or(own_limit);
        source.legs.push_back({*symbol, factor.inverted, limit});
    }
    if (source.legs.empty()) return problem(where, text, "needs a symbol of the venue");
    if (most_legs(source.legs, source.references) > leg_limit)
        return problem(where, text, "has too many legs");
    const PriceUnit wanted(map_, rate.direction.base(), rate.direction.quote());
    if (settle_units(where, text, wanted, source.legs, source.references))
        rate.sources.push_back(std::move(source));
}

/// None: the venues are not compared.
std::optional<std::uint32_t> MarketBuilder::allowance_ppm(const std::string& where, const std::string& text) {
    if (text.empty()) return default_allowance_ppm;
    if (text == "none") return std::nullopt;
    const auto percent = text.ends_with('%') ? Rate::parse(text.substr(0, text.size() - 1)) : errc::malformed;
    constexpr u128 units_per_ppm = 100'000'000'000'000;  // a percent is 10,000 millionths
    if (percent && percent->units() % units_per_ppm == 0 && percent->units() / units_per_ppm >= 100 &&
        percent->units() / units_per_ppm <= 500'000) {
        return static_cast<std::uint32_t>(percent->units() / units_per_ppm);
    }
    problem(where + " allowance", text, "must be from 0.01% to 50%, such as \"0.5%\", or \"none\"");
    return std::nullopt;
}

void MarketBuilder::direction(const std::string& name, const std::string& allowance,
                              const std::map<std::string, std::string>& route_of_venue) {
    const auto where = "direction " + quoted(name);
    const auto direction = Direction::parse(name);
    if (!direction || direction->text() != name)
        return problem(where, "", "must be named like BTC-USD, in capitals");
    if (map_.find_direction(*direction)) return problem(where, "", "is named twice");
    map_.directions.push_back(*direction);
    map_.allowances.push_back(allowance_ppm(where, allowance));
    const auto id = static_cast<DirectionId>(map_.directions.size() - 1);
    if (route_of_venue.empty()) problem(where, "", "needs a route of at least one exchanger");
    for (const auto& [venue, text] : route_of_venue) route(id, venue, text);
    const auto routes = std::ranges::count(map_.routes, id, &Route::direction);
    if (map_.consensus && std::cmp_greater_equal(routes, MarketMap::fewest_in_consensus))
        map_.routes.push_back({*map_.consensus, id, {}, {}});
}

void MarketBuilder::places(const std::string& asset, int count) {
    map_.places[asset] = count;
}

void MarketBuilder::route(DirectionId direction, const std::string& venue_name, const std::string& text) {
    const auto where = "direction " + quoted(map_.direction(direction).text()) + " at " + venue_name;
    const auto venue = map_.find_venue(venue_name);
    if (!venue || std::ranges::count(map_.exchangers, *venue) == 0) {
        return problem(where, "", "is not one of the exchangers");
    }
    if (venue == map_.consensus) return problem(where, text, "must be omitted: it follows from the others");
    const auto factors = parse_route(text);
    if (!factors)
        return problem(where, text, "must have the form 'BTCUSDT / USDCUSDT * USD-RUB', with spaces");
    Route route{*venue, direction, {}, {}};
    for (const auto& factor : *factors) {
        if (const auto reference = find_reference(venue_name, factor.name)) {
            route.references.push_back({*reference, factor.inverted});
            continue;
        }
        const auto symbol = find_or_add_symbol(where, venue_name, factor.name);
        if (!symbol) return;
        route.legs.push_back({*symbol, factor.inverted, map_.symbol(*symbol).limits.max_age});
    }
    if (most_legs(route.legs, route.references) > leg_limit)
        return problem(where, text, "has more than " + std::to_string(leg_limit) + " legs");
    const auto& wanted = map_.direction(direction);
    if (settle_units(where, text, PriceUnit(map_, wanted.base(), wanted.quote()), route.legs,
                     route.references)) {
        map_.routes.push_back(std::move(route));
    }
}

/// The reference rate that a factor names. A symbol of the same name that is listed under its venue is meant
/// instead.
std::optional<ReferenceRateId> MarketBuilder::find_reference(const std::string& venue,
                                                             const std::string& name) const {
    if (stated_symbols_.contains(venue + " " + name)) return std::nullopt;
    const auto found = std::ranges::find_if(
        map_.reference_rates, [&](const ReferenceRate& rate) { return rate.direction.text() == name; });
    if (found == map_.reference_rates.end()) return std::nullopt;
    return static_cast<ReferenceRateId>(found - map_.reference_rates.begin());
}

/// The largest number of legs that a product can have.
std::size_t MarketBuilder::most_legs(const std::vector<Leg>& legs,
                                     const std::vector<ReferenceStep>& references) const {
    std::size_t count = legs.size();
    for (const auto& step : references) {
        std::size_t longest = 0;
        for (const auto& source : map_.reference_rates[index(step.rate)].sources)
            longest = std::max(longest, most_legs(source.legs, source.references));
        count += longest;
    }
    return count;
}

std::optional<SymbolId> MarketBuilder::find_or_add_symbol(const std::string& where,
                                                          const std::string& venue_name,
                                                          const std::string& name) {
    const auto venue = map_.find_venue(venue_name);
    const auto* const venue_rule = rule(venue_name);
    if (!venue || !venue_rule) {
        problem(where, venue_name, "is not one of the venues");
        return std::nullopt;
    }
    if (!venue_rule->spelling.is_symbol(name)) {
        problem(where, name,
                "is neither a reference rate nor a symbol of " + venue_name + ", whose symbols look like " +
                    venue_rule->spelling.example);
        return std::nullopt;
    }
    const auto found = std::ranges::find_if(
        map_.symbols, [&](const Symbol& each) { return each.venue == *venue && each.name == name; });
    if (found != map_.symbols.end()) return static_cast<SymbolId>(found - map_.symbols.begin());
    Symbol symbol{*venue, name, {}, {}, {}, venue_rule->publications, venue_rule->is_declared};
    symbol.limits.max_age = venue_rule->max_age;
    map_.symbols.push_back(std::move(symbol));
    return static_cast<SymbolId>(map_.symbols.size() - 1);
}

/// Checks that the legs make the wanted price. If one symbol has no known pair yet, the pair follows from the
/// others.
bool MarketBuilder::settle_units(const std::string& where, const std::string& text, const PriceUnit& wanted,
                                 const std::vector<Leg>& legs, const std::vector<ReferenceStep>& references) {
    PriceUnit missing = wanted;
    std::vector<Leg> unsettled;
    for (const auto& leg : legs) {
        const auto& symbol = map_.symbol(leg.symbol);
        if (symbol.base.empty()) {
            unsettled.push_back(leg);
        } else {
            missing.multiply(unit_of(symbol), !leg.inverted);
        }
    }
    for (const auto& step : references) {
        const auto& pair = map_.reference_rates[index(step.rate)].direction;
        missing.multiply(PriceUnit(map_, pair.base(), pair.quote()), !step.inverted);
    }
    if (unsettled.empty()) {
        if (missing.is_one()) return true;
        problem(where, text, "makes a wrong price: it lacks " + missing.text() + "; is a leg inverted?");
        return false;
    }
    const PriceUnit unit = unsettled.front().inverted ? PriceUnit().multiply(missing, true) : missing;
    const auto pair = unit.as_pair();
    auto& symbol = map_.symbols[index(unsettled.front().symbol)];
    if (unsettled.size() > 1 || !pair) {
        problem(where, text,
                unsettled.size() > 1
                    ? "set the pairs of its symbols under venues, such as \"pair\": \"BTC/USDT\""
                    : symbol.name + " would be a price of " + unit.text() + "; is a leg inverted?");
        return false;
    }
    std::tie(symbol.base, symbol.quote) = *pair;
    return true;
}

PriceUnit MarketBuilder::unit_of(const Symbol& symbol) const {
    return {map_, symbol.base, symbol.quote};
}

/// A code with the price of the base, followed by a code with the price of the quote.
bool MarketBuilder::is_spelt_from_codes(const Symbol& symbol) const {
    const std::string_view name(symbol.name);
    for (std::size_t split = 2; split + 2 <= name.size(); ++split) {
        const auto base = map_.canonical(name.substr(0, split)), quote = map_.canonical(name.substr(split));
        if (base == map_.canonical(symbol.base) && quote == map_.canonical(symbol.quote)) return true;
    }
    return false;
}

/// A pair must not contradict the spelling of its symbol. A stated pair overrides concatenated codes.
void MarketBuilder::check_spelling(const Symbol& symbol) {
    const auto& venue = map_.name(symbol.venue);
    const auto* const venue_rule = rule(venue);
    if (symbol.base.empty()) return;
    const bool is_stated = stated_pairs_.contains(venue + " " + symbol.name);
    if (venue_rule->spelling.is_from_codes && !is_stated && !is_spelt_from_codes(symbol)) {
        return problem(venue + " symbol " + quoted(symbol.name), symbol.base + "/" + symbol.quote,
                       "is what its route needs, but not what its name says; is a leg inverted? If the "
                       "route is right, set its \"pair\" under venues");
    }
    if (!venue_rule->spelling.spelt_pair) return;
    const auto spelt = venue_rule->spelling.spelt_pair(symbol.name);
    const auto differs = [this](const std::string& told, const std::string& taken) {
        return !told.empty() && map_.canonical(told) != map_.canonical(taken);
    };
    const auto where = venue + " symbol " + quoted(symbol.name);
    if (differs(spelt.base, symbol.base) || differs(spelt.quote, symbol.quote)) {
        return problem(where, symbol.base + "/" + symbol.quote,
                       "is not what its name says; is a leg inverted?");
    }
    for (const Symbol& other : map_.symbols) {
        const bool is_same_coin = other.venue == symbol.venue && !other.base.empty() && !spelt.coin.empty() &&
                                  venue_rule->spelling.spelt_pair(other.name).coin == spelt.coin;
        if (is_same_coin && differs(other.base, symbol.base)) {
            return problem(where, symbol.base, "is " + other.base + " in " + quoted(other.name));
        }
    }
}

bool MarketBuilder::is_of_declared(const std::vector<Leg>& legs,
                                   const std::vector<ReferenceStep>& references) const {
    return std::ranges::any_of(legs,
                               [this](const Leg& leg) { return map_.symbol(leg.symbol).is_declared; }) ||
           std::ranges::any_of(references, [this](const ReferenceStep& step) {
               const auto& sources = map_.reference_rates[index(step.rate)].sources;
               return !sources.empty() && is_of_declared(sources.front().legs, sources.front().references);
           });
}

/// A street rate and an official one are two things, even if they are called the same. Neither replaces the
/// other, and there is no median of both.
void MarketBuilder::check_declared() {
    constexpr auto rule =
        "mixes declared and other venues; give the declared one an asset of its own, such as CASHRUB";
    for (const auto& rate : map_.reference_rates) {
        const auto is_declared = [this](const ReferenceSource& source) {
            return is_of_declared(source.legs, source.references);
        };
        const auto count = std::ranges::count_if(rate.sources, is_declared);
        if (count != 0 && std::cmp_not_equal(count, rate.sources.size()))
            problem("reference rate " + quoted(rate.direction.text()), "", rule);
    }
    for (std::size_t i = 0; i < map_.directions.size(); ++i) {
        std::size_t declared = 0, others = 0;
        for (const auto& route : map_.routes) {
            if (index(route.direction) != i || route.venue == map_.consensus) continue;
            ++(is_of_declared(route.legs, route.references) ? declared : others);
        }
        if (declared > 0 && others > 0) problem("direction " + quoted(map_.directions[i].text()), "", rule);
    }
}

MarketMap MarketBuilder::finish() {
    for (const Symbol& symbol : map_.symbols) check_spelling(symbol);
    check_declared();
    for (const auto& [asset, other] : map_.same_as) {
        if (map_.same_as.contains(other))
            problem("same_as", asset + ": " + other, "must name the last asset of a chain");
    }
    for (const auto& [asset, count] : map_.places)
        if (!map_.has_asset(asset)) problem("places", asset, "must be the base or quote of a direction");
    if (map_.exchangers.empty()) problem("exchangers", "", "needs at least one");
    if (map_.directions.empty()) problem("directions", "", "needs at least one");
    if (map_.consensus && std::ranges::count(map_.routes, *map_.consensus, &Route::venue) == 0)
        problem("exchangers", consensus_name, "needs a direction with routes of two others");
    if (map_.symbols.size() > 400 || map_.directions.size() > 1000 || map_.reference_rates.size() > 100) {
        problem("size", "", "at most 400 symbols, 1000 directions and 100 reference rates");
    }
    return std::move(map_);
}

}  // namespace kurs
