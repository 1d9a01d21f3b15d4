#include "state_report.hpp"

#include <nlohmann/json.hpp>

namespace sim {

using Json = nlohmann::ordered_json;

void SentBooks::note(const StreamEvent& event) {
    if (event.kind == "bookTicker") payloads_[event.symbol] = event.payload;
}

std::string state_report(const SentBooks& books, const ReplayProgress& replay, const TrafficTable& traffic,
                         const CoinGeckoQuotes& quotes, const RoubleRate& rouble) {
    auto sent = Json::object();
    for (const auto& [symbol, payload] : books.payloads()) {
        const auto book = Json::parse(payload);
        sent[symbol] = {{"u", book["u"]}, {"b", book["b"]}, {"a", book["a"]}};
    }
    auto connections = Json::object();
    auto requests = Json::object();
    for (std::size_t i = 0; i < endpoint_count; ++i) {
        const std::string endpoint{to_string(static_cast<Endpoint>(i))};
        connections[endpoint] = {{"open", traffic[i].open}, {"total", traffic[i].total}};
        requests[endpoint] = traffic[i].requests;
    }
    auto coingecko = Json::object();
    for (const auto& coin : coins) {
        for (const auto currency : currencies) {
            const CoinPair pair{std::string{coin.id}, std::string{currency}};
            coingecko[to_string(pair)] = *quotes.price(pair);
        }
    }
    return Json{{"books", sent},
                {"replay", {{"frames", replay.played}, {"total", replay.total}, {"done", replay.is_done}}},
                {"connections", connections},
                {"requests", requests},
                {"coingecko", coingecko},
                {"cbr", {{"USD/RUB", rouble.official()}}}}
        .dump();
}

}  // namespace sim
