#pragma once

#include <optional>

#include "kurs/access/access.hpp"
#include "kurs/app/alerts.hpp"
#include "kurs/config/environment.hpp"
#include "kurs/config/settings.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/exports/exports.hpp"
#include "kurs/lock/signing.hpp"
#include "kurs/runtime/tls_trust.hpp"
#include "kurs/venue/venue.hpp"

namespace kurs {

/// The venues and what they trade.
struct Market {
    std::vector<Venue> venues;  ///< those that Kurs has, and those that the market map declares
    MarketMap map;
    std::vector<std::string> losses;  ///< sentences for the operator: what is not served without the others
};

/// Reads a market map's document. Adds all problems; empty if there was any.
std::optional<Market> read_market(const Settings& settings, const std::string& document,
                                  std::vector<Problem>& problems);

/// Everything that is read before the service starts.
struct Configuration {
    Settings settings;
    std::vector<Venue> venues;  ///< as in Market
    MarketMap market;
    std::string market_document;
    exports::Exports exports;
    std::optional<access::Rules> access;            ///< none: no request needs a key
    std::optional<lock::SigningKeys> signing_keys;  ///< none: no quotes are locked
    std::optional<AlertReceiver> alert_receiver;    ///< none: no alerts are sent
    TlsTrust trust;
    std::vector<std::string> remarks;  ///< for the operator
};

/// Reads settings, market map, exports, API keys and files. Adds all problems; empty if there was any.
std::optional<Configuration> load_configuration(const Environment& environment,
                                                std::vector<Problem>& problems);

}  // namespace kurs
