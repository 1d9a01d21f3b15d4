#pragma once

#include "kurs/config/settings.hpp"

namespace kurs::testing {

/// Venues with a setting of every kind that venues have.
inline std::vector<Venue> two_venues() {
    using namespace std::chrono_literals;
    Venue binance;
    binance.id = "binance";
    binance.title = {"Binance", "Binance"};
    binance.max_age = "BINANCE_MAX_AGE";
    binance.settings = {
        {"BINANCE_STREAM_URLS", "wss://one.example:9443,wss://two.example", checks::stream_urls(), "", ""},
        {"BINANCE_REST_URL", "https://rest.example", checks::web_url(), "", "", false,
         "http://simulator:9103"},
        {"BINANCE_MAX_AGE", "5s", checks::duration(3s, 1h), "", ""}};
    Venue coingecko;
    coingecko.id = "coingecko";
    coingecko.title = {"CoinGecko", "CoinGecko"};
    coingecko.max_age = "COINGECKO_MAX_AGE";
    coingecko.reference_max_age = "FIAT_MAX_AGE";
    coingecko.settings = {{"COINGECKO_PLAN", "none", checks::one_of({"none", "demo"}), "", ""},
                          {"COINGECKO_API_KEY", "", checks::key(), "", "", true, ""},
                          {"COINGECKO_STREAM_URL", "wss://stream.example/v1", checks::stream_url(), "", ""},
                          {"COINGECKO_REST_URL", "", checks::optional(checks::web_url()), "", ""},
                          {"COINGECKO_MAX_AGE", "180s", checks::duration(10s, 1h), "", ""},
                          {"FIAT_MAX_AGE", "15m", checks::duration(1min, 24h), "", ""}};
    return {binance, coingecko};
}

inline SettingNames known_names() {
    SettingNames names;
    for (const auto& setting : all_settings(two_venues())) names.emplace_back(setting.name);
    return names;
}

}  // namespace kurs::testing
