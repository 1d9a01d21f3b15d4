#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kurs/alerts/alert.hpp"
#include "kurs/config/environment.hpp"
#include "kurs/venue/venue.hpp"

namespace kurs {

enum class LogLevel { critical, error, warning, info, debug };
enum class LogFormat { text, json };
enum class HistoryMode { write, read, off };

/// All settings, parsed and within their limits.
struct Settings {
    std::string http_address;
    std::uint16_t http_port = 0;
    std::string cors_allow_origin;  ///< empty: no cross-origin headers
    std::string api_keys_file;      ///< empty: no request needs a key
    std::string quote_keys_file;    ///< empty: no quotes are locked
    Duration quote_ttl_max{};
    std::string alert_url;     ///< empty: no alerts are sent
    std::string alert_secret;  ///< as alerts::Secrets reads it
    alerts::Language alert_language{};
    Duration alert_after{};
    std::size_t push_clients = 0;
    LogLevel log_level = LogLevel::info;
    LogFormat log_format = LogFormat::text;
    std::vector<std::string> venues;  ///< those to use; empty: all of the market map
    std::string simulator_host;       ///< empty: the real venues
    std::string markets_file;         ///< empty: the built-in market map
    std::string exports_file;         ///< empty: no exports
    std::string trusted_ca_file;
    Duration failback_after{};
    std::string redis_url;  ///< empty: standalone
    Duration board_slot{};
    Duration board_delay{};    ///< a multiple of the slot
    std::string database_url;  ///< empty: no history
    HistoryMode history = HistoryMode::write;
    Duration history_keep{};
    std::size_t history_queue = 0;  ///< rows
    std::string record_file;        ///< empty: nothing is recorded
    std::uint64_t record_keep = 0;  ///< bytes
    SettingValues values;           ///< of every row; the venues read theirs
};

/// Rows that lists of settings show under one heading.
struct SettingGroup {
    std::string title;
    std::vector<Setting> settings;
};

/// The rows of the service and of these venues, in the order of lists.
std::vector<SettingGroup> setting_groups(const std::vector<Venue>& venues);

/// The rows without their headings.
std::vector<Setting> all_settings(const std::vector<Venue>& venues);

/// A setting as shown to the operator.
struct SettingText {
    std::string name;
    std::string value;  ///< "(hidden)" if a secret is set
};

/// Reads every setting. An absent or empty variable has its default value. Adds all problems, not only the
/// first.
Settings load_settings(const std::vector<Venue>& venues, const Environment& environment,
                       std::vector<Problem>& problems);

/// All settings with their values in this environment, for --print-settings.
std::vector<SettingText> describe_settings(const std::vector<Venue>& venues, const Environment& environment);

/// The same with everything that the rows say, as JSON: groups in the order of lists.
std::string settings_json(const std::vector<Venue>& venues, const Environment& environment);

}  // namespace kurs
