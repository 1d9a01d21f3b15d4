#include "kurs/config/venue_selection.hpp"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <optional>
#include <utility>

namespace kurs {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// The new positions of a list's items that are kept.
template <class Id>
class Kept {
public:
    explicit Kept(std::size_t count) : positions_(count) {}

    void add(Id id) { positions_[index(id)] = static_cast<Id>(next_++); }
    bool has(Id id) const { return positions_[index(id)].has_value(); }
    Id operator[](Id id) const { return positions_[index(id)].value(); }

private:
    std::vector<std::optional<Id>> positions_;
    std::size_t next_ = 0;
};

/// Builds the smaller map in the order in which its parts depend on each other.
class Reduction {
public:
    Reduction(const MarketMap& map, const std::set<std::string>& used)
        : map_(map),
          venues_(map.venues.size()),
          symbols_(map.symbols.size()),
          rates_(map.reference_rates.size()),
          directions_(map.directions.size()) {
        made_.map.same_as = map.same_as;
        made_.map.places = map.places;
        keep_venues(used);
        keep_symbols();
        keep_reference_rates();
        keep_directions();
        keep_routes();
        keep_exchangers();
    }

    VenueSelection take() { return std::move(made_); }

private:
    void keep_venues(const std::set<std::string>& used) {
        for (std::size_t i = 0; i < map_.venues.size(); ++i) {
            const auto& name = map_.venues[i];
            const auto id = static_cast<VenueId>(i);
            if (id == map_.consensus) {
                if (count_exchangers(used) < MarketMap::fewest_in_consensus) continue;
                made_.map.consensus = static_cast<VenueId>(made_.map.venues.size());
            } else if (!used.contains(name)) {
                left_out_.push_back(name);
                continue;
            }
            venues_.add(id);
            made_.map.venues.push_back(name);
            if (const auto title = map_.titles.find(name); title != map_.titles.end())
                made_.map.titles.insert(*title);
        }
        for (const auto& alias : map_.aliases) {
            if (used.contains(alias.second)) made_.map.aliases.insert(alias);
        }
    }

    void keep_symbols() {
        for (std::size_t i = 0; i < map_.symbols.size(); ++i) {
            auto symbol = map_.symbols[i];
            if (!venues_.has(symbol.venue)) continue;
            symbols_.add(static_cast<SymbolId>(i));
            symbol.venue = venues_[symbol.venue];
            made_.map.symbols.push_back(std::move(symbol));
        }
    }

    void keep_reference_rates() {
        for (std::size_t i = 0; i < map_.reference_rates.size(); ++i) {
            auto rate = map_.reference_rates[i];
            std::erase_if(rate.sources, [this](const ReferenceSource& source) {
                return !has_all(source.legs) || !has_all(source.references);
            });
            if (rate.sources.empty()) {
                lost("reference rate " + rate.direction.text() + " has no source");
                continue;
            }
            rates_.add(static_cast<ReferenceRateId>(i));
            for (auto& source : rate.sources) {
                renumber(source.legs);
                renumber(source.references);
            }
            made_.map.reference_rates.push_back(std::move(rate));
        }
    }

    void keep_directions() {
        std::vector<std::string> unserved;
        for (std::size_t i = 0; i < map_.directions.size(); ++i) {
            const auto direction = static_cast<DirectionId>(i);
            const bool is_served = std::ranges::any_of(map_.routes, [&](const Route& route) {
                return route.direction == direction && is_kept(route);
            });
            if (!is_served) {
                unserved.push_back(map_.direction(direction).text());
                continue;
            }
            directions_.add(direction);
            made_.map.directions.push_back(map_.direction(direction));
            if (i < map_.allowances.size()) made_.map.allowances.push_back(map_.allowances[i]);
        }
        if (!unserved.empty()) lost("directions not served: " + joined(unserved));
    }

    void keep_routes() {
        for (auto route : map_.routes) {
            if (!is_kept(route)) {
                const bool is_noteworthy = venues_.has(route.venue) && directions_.has(route.direction);
                if (is_noteworthy)
                    lost(map_.name(route.venue) + " has no rate of " +
                         map_.direction(route.direction).text());
                continue;
            }
            route.venue = venues_[route.venue];
            route.direction = directions_[route.direction];
            renumber(route.legs);
            renumber(route.references);
            made_.map.routes.push_back(std::move(route));
        }
    }

    void keep_exchangers() {
        for (const VenueId exchanger : map_.exchangers) {
            if (!venues_.has(exchanger)) continue;
            const bool has_route = std::ranges::any_of(
                made_.map.routes, [&](const Route& route) { return route.venue == venues_[exchanger]; });
            if (has_route) {
                made_.map.exchangers.push_back(venues_[exchanger]);
            } else {
                lost(map_.name(exchanger) + " serves no direction");
            }
        }
    }

    std::size_t count_exchangers(const std::set<std::string>& used) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(map_.exchangers, [&](VenueId id) { return used.contains(map_.name(id)); }));
    }

    bool is_kept(const Route& route) const {
        if (!venues_.has(route.venue)) return false;
        if (route.venue != map_.consensus) return has_all(route.references);
        const auto others = std::ranges::count_if(map_.routes, [&](const Route& other) {
            return other.direction == route.direction && other.venue != route.venue && is_kept(other);
        });
        return std::cmp_greater_equal(others, MarketMap::fewest_in_consensus);
    }

    bool has_all(const std::vector<Leg>& legs) const {
        return std::ranges::all_of(legs, [this](const Leg& leg) { return symbols_.has(leg.symbol); });
    }

    bool has_all(const std::vector<ReferenceStep>& steps) const {
        return std::ranges::all_of(steps,
                                   [this](const ReferenceStep& step) { return rates_.has(step.rate); });
    }

    void renumber(std::vector<ReferenceStep>& steps) const {
        for (auto& step : steps) step.rate = rates_[step.rate];
    }

    void renumber(std::vector<Leg>& legs) const {
        for (auto& leg : legs) leg.symbol = symbols_[leg.symbol];
    }

    void lost(const std::string& what) {
        made_.losses.push_back("leaves out " + joined(left_out_) + ": " + what);
    }

    const MarketMap& map_;
    std::vector<std::string> left_out_;
    Kept<VenueId> venues_;
    Kept<SymbolId> symbols_;
    Kept<ReferenceRateId> rates_;
    Kept<DirectionId> directions_;
    VenueSelection made_;
};

}  // namespace

VenueSelection select_venues(const MarketMap& map, const std::set<std::string>& used) {
    return Reduction(map, used).take();
}

VenueSelection select_venues(const MarketMap& map, const std::vector<std::string>& setting,
                             std::vector<Problem>& problems) {
    if (setting.empty()) return {map, {}};
    const auto problems_before = problems.size();
    std::set<std::string> used;
    for (const auto& item : setting) {
        const auto name = boost::algorithm::to_lower_copy(item, std::locale::classic());
        if (!map.find_venue(name))
            problems.push_back({"VENUES", item, "must name venues of the market map: " + joined(map.venues)});
        used.insert(name);
    }
    if (problems.size() != problems_before) return {map, {}};
    auto selection = select_venues(map, used);
    if (!selection.map.exchangers.empty()) return selection;
    std::vector<std::string> exchangers;
    for (const VenueId exchanger : map.exchangers)
        if (exchanger != map.consensus) exchangers.push_back(map.name(exchanger));
    std::vector<std::string> lacking;
    for (const auto& rate : map.reference_rates) {
        const auto is_it = [&](const ReferenceRate& kept) { return kept.direction == rate.direction; };
        if (std::ranges::none_of(selection.map.reference_rates, is_it))
            lacking.push_back(rate.direction.text());
    }
    const bool has_exchanger =
        std::ranges::any_of(exchangers, [&](const auto& name) { return used.contains(name); });
    problems.push_back({"VENUES", joined(setting),
                        "must include an exchanger that has a route: " + joined(exchangers) +
                            (has_exchanger ? ", and a source of " + joined(lacking) : "")});
    return {map, {}};
}

}  // namespace kurs
