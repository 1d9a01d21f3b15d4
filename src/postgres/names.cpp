#include "postgres/names.hpp"

#include <nlohmann/json.hpp>
#include <pqxx/result>

namespace kurs::postgres {
namespace {

std::string legs_document(const MarketMap& map, const std::vector<QuoteLeg>& legs) {
    auto document = nlohmann::json::array();
    for (const auto& leg : legs) {
        const auto& symbol = map.symbol(leg.symbol);
        document.push_back(
            {{"venue", map.name(symbol.venue)}, {"symbol", symbol.name}, {"inverted", leg.inverted}});
    }
    return document.dump();
}

}  // namespace

int Names::series(pqxx::transaction_base& transaction, VenueId venue, DirectionId direction) {
    const auto [known, is_new] = series_.try_emplace({venue, direction});
    if (!is_new) return known->second;
    const auto& venue_name = map_.name(venue);
    const auto& direction_text = map_.direction(direction).text();
    const auto found = transaction.exec_params("select id from series where venue = $1 and direction = $2",
                                               venue_name, direction_text);
    const auto row =
        !found.empty()
            ? found[0]
            : transaction.exec_params1("insert into series (venue, direction) values ($1, $2) returning id",
                                       venue_name, direction_text);
    return known->second = row[0].as<int>();
}

int Names::route(pqxx::transaction_base& transaction, const std::vector<QuoteLeg>& legs) {
    std::vector<std::pair<SymbolId, bool>> key;
    key.reserve(legs.size());
    for (const auto& leg : legs) key.emplace_back(leg.symbol, leg.inverted);
    const auto [known, is_new] = routes_.try_emplace(std::move(key));
    if (!is_new) return known->second;
    const auto document = legs_document(map_, legs);
    const auto found = transaction.exec_params("select id from routes where legs = $1::jsonb", document);
    const auto row =
        !found.empty()
            ? found[0]
            : transaction.exec_params1("insert into routes (legs) values ($1::jsonb) returning id", document);
    return known->second = row[0].as<int>();
}

void Names::forget() {
    series_.clear();
    routes_.clear();
}

}  // namespace kurs::postgres
