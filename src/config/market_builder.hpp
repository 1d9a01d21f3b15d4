#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/price_unit.hpp"
#include "config/route_text.hpp"
#include "kurs/config/market_document.hpp"

namespace kurs {

/// Builds a market map from its texts and checks that they are consistent. Problems are collected, so that
/// one run reports all of them; a part with a problem is left out.
class MarketBuilder {
public:
    MarketBuilder(const std::vector<VenueRule>& venues, std::vector<Problem>& problems);

    void same_as(const std::string& asset, const std::string& other);
    void venue(const std::string& name);
    void exchanger(const std::string& name);

    /// A symbol with limits of its own. `pair` is "BASE/QUOTE"; if it is empty, it follows from a route.
    void symbol(const std::string& venue, const std::string& name, const std::string& pair,
                SymbolLimits limits);

    /// `sources` are texts such as "coingecko: tether/rub / tether/usd", in order of preference. `limits`
    /// says which age limits hold for legs whose symbol states none of its own.
    enum class Limits { of_the_venue, of_reference_rates };
    void reference_rate(const std::string& name, const std::vector<std::string>& sources, Limits limits);

    /// `allowance` is a percentage such as "0.5%", "none", or empty for the default.
    void direction(const std::string& name, const std::string& allowance,
                   const std::map<std::string, std::string>& route_of_venue);

    /// How many decimals an amount of an asset has, at most Rate::decimals.
    void places(const std::string& asset, int count);

    /// Checks the whole map. Called last.
    MarketMap finish();

    const VenueRule* rule(const std::string& venue) const;
    void problem(std::string where, std::string value, std::string rule);

private:
    void reference_source(const std::string& where, ReferenceRate& rate, const std::string& text,
                          Limits limits);
    std::optional<ReferenceRateId> find_reference(const std::string& venue, const std::string& name) const;
    std::size_t most_legs(const std::vector<Leg>& legs, const std::vector<ReferenceStep>& references) const;
    std::optional<std::uint32_t> allowance_ppm(const std::string& where, const std::string& text);
    void route(DirectionId direction, const std::string& venue, const std::string& text);
    std::optional<SymbolId> find_or_add_symbol(const std::string& where, const std::string& venue,
                                               const std::string& name);
    bool settle_units(const std::string& where, const std::string& text, const PriceUnit& wanted,
                      const std::vector<Leg>& legs, const std::vector<ReferenceStep>& references);
    void check_spelling(const Symbol& symbol);
    bool is_of_declared(const std::vector<Leg>& legs, const std::vector<ReferenceStep>& references) const;
    void check_declared();
    bool is_spelt_from_codes(const Symbol& symbol) const;
    PriceUnit unit_of(const Symbol& symbol) const;

    const std::vector<VenueRule>& rules_;
    std::vector<Problem>& problems_;
    MarketMap map_;
    std::set<std::string> stated_symbols_;  ///< "venue symbol": listed under its venue
    std::set<std::string> stated_pairs_;    ///< stated in the document, not inferred
    std::set<std::string> stated_ages_;
};

}  // namespace kurs
