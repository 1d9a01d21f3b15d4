#include "kurs/app/configuration.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "kurs/config/exports_document.hpp"
#include "kurs/config/keys_document.hpp"
#include "kurs/config/market_document.hpp"
#include "kurs/config/venue_selection.hpp"
#include "kurs/postgres/history.hpp"
#include "kurs/redis/address.hpp"
#include "kurs/venues/all.hpp"

namespace kurs {
namespace {

/// The file that a setting names.
std::string read_file(const std::string& setting, const std::string& file_name,
                      std::vector<Problem>& problems) {
    std::ifstream file(file_name);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().empty()) problems.push_back({setting, file_name, "cannot be read, or is empty"});
    return text.str();
}

std::string read_market_document(const std::string& file_name, std::vector<Problem>& problems) {
    if (file_name.empty()) return std::string(built_in_market_document());
    return read_file("MARKETS_FILE", file_name, problems);
}

exports::Exports read_exports(const std::string& file_name, const MarketMap& market,
                              std::vector<Problem>& problems) {
    if (file_name.empty()) return {};
    const auto document = read_file("EXPORTS_FILE", file_name, problems);
    if (document.empty()) return {};
    return parse_exports_document(document, market, problems).value_or(exports::Exports());
}

std::optional<access::Rules> read_access(const std::string& file_name, std::vector<Problem>& problems) {
    if (file_name.empty()) return std::nullopt;
    const auto document = read_file("API_KEYS_FILE", file_name, problems);
    return document.empty() ? std::nullopt : parse_keys_document(document, problems);
}

/// The keys are not shown.
std::optional<lock::SigningKeys> read_signing_keys(const Settings& settings, std::vector<Problem>& problems) {
    const auto& file_name = settings.quote_keys_file;
    if (file_name.empty()) return std::nullopt;
    if (settings.api_keys_file.empty())
        problems.push_back(
            {"QUOTE_KEYS_FILE", file_name, "requires API_KEYS_FILE: who locks a quote has a key"});
    const auto text = read_file("QUOTE_KEYS_FILE", file_name, problems);
    if (text.empty()) return std::nullopt;
    auto keys = lock::SigningKeys::parse(text);
    if (keys) return *std::move(keys);
    problems.push_back({"QUOTE_KEYS_FILE", file_name, keys.error()});
    return std::nullopt;
}

std::optional<AlertReceiver> read_alert_receiver(const Settings& settings, std::vector<Problem>& problems) {
    if (settings.alert_url.empty()) return std::nullopt;
    auto secrets = alerts::Secrets::parse(settings.alert_secret);
    if (!secrets) {
        problems.push_back(
            {"ALERT_SECRET", settings.alert_secret.empty() ? "" : "(hidden)", secrets.error()});
        return std::nullopt;
    }
    return AlertReceiver{settings.values.endpoint("ALERT_URL"), *std::move(secrets), settings.alert_language,
                         settings.alert_after};
}

void check_venues(const SettingValues& values, std::vector<Problem>& problems) {
    for (const auto& venue : all_venues()) {
        if (!venue.check) continue;
        std::ranges::move(venue.check(values), std::back_inserter(problems));
    }
}

void check_store_urls(const Settings& settings, std::vector<Problem>& problems) {
    if (!settings.redis_url.empty()) {
        const auto address = redis::parse_address(settings.redis_url);
        if (!address) problems.push_back({"REDIS_URL", "(hidden)", address.error().text});
    }
    if (!settings.database_url.empty()) {
        const auto checked = postgres::check_url(settings.database_url);
        if (!checked) problems.push_back({"DATABASE_URL", "(hidden)", checked.error().text});
    }
}

}  // namespace

std::optional<Market> read_market(const Settings& settings, const std::string& document,
                                  std::vector<Problem>& problems) {
    auto venues = all_venues();
    auto rules = venue_rules(venues, settings.values);
    for (const auto& source : parse_declared_sources(document, all_venues(), problems)) {
        rules.push_back(venue_rule(source));
        venues.push_back(make_venue(source));
    }
    const auto market = parse_market_document(document, rules, problems);
    if (!market) return std::nullopt;
    auto selection = select_venues(*market, settings.venues, problems);
    return Market{std::move(venues), std::move(selection.map), std::move(selection.losses)};
}

std::optional<Configuration> load_configuration(const Environment& environment,
                                                std::vector<Problem>& problems) {
    auto settings = load_settings(all_venues(), environment, problems);
    check_venues(settings.values, problems);
    check_store_urls(settings, problems);
    auto trust = TlsTrust::load(settings.trusted_ca_file);
    if (!trust) problems.push_back({"TRUSTED_CA_FILE", settings.trusted_ca_file, trust.error().message});
    auto document = read_market_document(settings.markets_file, problems);
    if (document.empty()) return std::nullopt;
    auto market = read_market(settings, document, problems);
    if (!market) return std::nullopt;
    auto exports = read_exports(settings.exports_file, market->map, problems);
    auto access = read_access(settings.api_keys_file, problems);
    auto signing_keys = read_signing_keys(settings, problems);
    auto alert_receiver = read_alert_receiver(settings, problems);
    if (!problems.empty()) return std::nullopt;
    std::vector<std::string> remarks;
    if (!settings.simulator_host.empty())
        remarks.push_back("SIMULATOR_HOST: all prices are simulated by " + settings.simulator_host);
    if (signing_keys && settings.database_url.empty())
        remarks.push_back("QUOTE_KEYS_FILE: no quotes are locked without DATABASE_URL");
    for (const auto& loss : market->losses) remarks.push_back("VENUES " + loss);
    return Configuration{std::move(settings),     std::move(market->venues), std::move(market->map),
                         std::move(document),     std::move(exports),        std::move(access),
                         std::move(signing_keys), std::move(alert_receiver), std::move(*trust),
                         std::move(remarks)};
}

}  // namespace kurs
