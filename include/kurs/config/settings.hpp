#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kurs/config/environment.hpp"
#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/time.hpp"

namespace kurs {

enum class LogLevel { critical, error, warning, info, debug };
enum class LogFormat { text, json };
enum class HistoryMode { write, read, off };

/// All settings, parsed and within their limits.
struct Settings {
    std::string http_address;
    std::uint16_t http_port = 0;
    std::string cors_allow_origin;  ///< empty: no cross-origin headers
    std::size_t push_clients = 0;
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    std::string markets_file;  ///< empty: the built-in market map
    std::vector<Endpoint> binance_stream;
    Endpoint binance_rest;
    Endpoint coingecko_stream;
    std::optional<Endpoint> coingecko_rest;  ///< none: the plan's URL
    std::string coingecko_api_key;
    std::string coingecko_plan;
    Endpoint cbr;
    std::string trusted_ca_file;
    Duration binance_max_age{};
    Duration coingecko_max_age{};
    Duration fiat_max_age{};
    Duration cbr_max_age{};
    Duration failback_after{};
    std::string redis_url;     ///< empty: standalone
    std::string database_url;  ///< empty: no history
    HistoryMode history = HistoryMode::write;
    Duration history_keep{};
    std::size_t history_queue = 0;  ///< rows
};

/// A setting as shown to the operator.
struct SettingText {
    std::string name;
    std::string value;  ///< "(hidden)" if a secret is set
    std::string help;
};

/// Reads every setting. An absent or empty variable has its default value. Adds all problems, not only the
/// first.
Settings load_settings(const Environment& environment, std::vector<Problem>& problems);

/// All settings with their values in this environment, for --print-settings.
std::vector<SettingText> describe_settings(const Environment& environment);

}  // namespace kurs
