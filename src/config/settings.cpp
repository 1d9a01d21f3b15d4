#include "kurs/config/settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "kurs/config/duration_text.hpp"
#include "kurs/config/url_text.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

/// Understands a value and stores it, or returns the rule that it breaks.
using Store = std::function<std::optional<std::string>(Settings&, const std::string&)>;

struct Setting {
    std::string_view name;
    std::string_view default_value;
    Store store;
    std::string_view help;
    bool is_secret = false;
};

Store text(std::string Settings::*member) {
    return [member](Settings& settings, const std::string& value) -> std::optional<std::string> {
        settings.*member = value;
        return std::nullopt;
    };
}

Store duration(Duration Settings::*member, Duration least, Duration most) {
    return [=](Settings& settings, const std::string& value) -> std::optional<std::string> {
        const auto parsed = parse_duration(value);
        if (!parsed || *parsed < least || *parsed > most) {
            return "must be a duration such as 500ms, 5s, 15m, 2h or 12d, from " + to_string(least) + " to " +
                   to_string(most);
        }
        settings.*member = *parsed;
        return std::nullopt;
    };
}

template <class Value>
Store one_of(Value Settings::*member, std::vector<std::pair<std::string, Value>> choices) {
    return [=](Settings& settings, const std::string& value) -> std::optional<std::string> {
        std::string names;
        for (const auto& [name, choice] : choices) {
            names += (names.empty() ? "" : ", ") + name;
            if (name != value) continue;
            settings.*member = choice;
            return std::nullopt;
        }
        return "must be one of " + names;
    };
}

std::optional<std::string> store_port(Settings& settings, const std::string& value) {
    const auto* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, settings.http_port);
    if (error == std::errc{} && stop == end) return std::nullopt;
    return "must be a port from 0 (any free one) to 65535";
}

Store web_url(Endpoint Settings::*member) {
    return [member](Settings& settings, const std::string& value) -> std::optional<std::string> {
        const auto endpoint = parse_endpoint(value, "http", "https");
        if (!endpoint) return "must be an http:// or https:// URL without query";
        settings.*member = *endpoint;
        return std::nullopt;
    };
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::optional<std::string> store_address(Settings& settings, const std::string& value) {
    in6_addr parsed{};
    const bool is_address =
        inet_pton(AF_INET, value.c_str(), &parsed) == 1 || inet_pton(AF_INET6, value.c_str(), &parsed) == 1;
    if (!is_address) return "must be an IP address, such as 127.0.0.1, 0.0.0.0 or ::";
    settings.http_address = value;
    return std::nullopt;
}

constexpr std::string_view stream_rule = "must be a ws:// or wss:// URL without query";

std::optional<std::string> store_binance_stream(Settings& settings, const std::string& value) {
    for (std::size_t begin = 0; begin <= value.size();) {
        const auto comma = std::min(value.find(',', begin), value.size());
        const auto item = trimmed(std::string_view(value).substr(begin, comma - begin));
        const auto endpoint = parse_endpoint(item, "ws", "wss");
        if (!endpoint) return "each item of the comma-separated list " + std::string(stream_rule);
        settings.binance_stream.push_back(*endpoint);
        begin = comma + 1;
    }
    return std::nullopt;
}

std::optional<std::string> store_coingecko_stream(Settings& settings, const std::string& value) {
    const auto endpoint = parse_endpoint(value, "ws", "wss");
    if (!endpoint) return std::string(stream_rule);
    settings.coingecko_stream = *endpoint;
    return std::nullopt;
}

std::optional<std::string> store_redis_url(Settings& settings, const std::string& value) {
    const std::string url = with_lower_scheme(value);
    if (!value.empty() && !url.starts_with("redis://")) return "must be a redis:// URL";
    settings.redis_url = url;
    return std::nullopt;
}

std::optional<std::string> store_database_url(Settings& settings, const std::string& value) {
    const std::string url = with_lower_scheme(value);  // libpq knows the lower case only
    const bool is_url = url.starts_with("postgresql://") || url.starts_with("postgres://");
    if (!value.empty() && !is_url) return "must be a postgresql:// URL";
    settings.database_url = url;
    return std::nullopt;
}

Store number(std::size_t Settings::*member, std::size_t least, std::size_t most) {
    return [=](Settings& settings, const std::string& value) -> std::optional<std::string> {
        std::size_t parsed = 0;
        const auto* const end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, parsed);
        if (error != std::errc{} || stop != end || parsed < least || parsed > most)
            return "must be a number from " + std::to_string(least) + " to " + std::to_string(most);
        settings.*member = parsed;
        return std::nullopt;
    };
}

std::optional<std::string> store_coingecko_rest(Settings& settings, const std::string& value) {
    if (value.empty()) return std::nullopt;
    settings.coingecko_rest = parse_endpoint(value, "http", "https");
    if (!settings.coingecko_rest) return "must be an http:// or https:// URL without query";
    return std::nullopt;
}

std::optional<std::string> store_key(Settings& settings, const std::string& value) {
    const bool is_printable = std::ranges::all_of(value, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_printable || value.size() > 200) return "must be at most 200 printable characters without spaces";
    settings.coingecko_api_key = value;
    return std::nullopt;
}

std::optional<std::string> store_origin(Settings& settings, const std::string& value) {
    settings.cors_allow_origin = value;
    if (value.empty() || value == "*") return std::nullopt;
    // Browsers compare it byte by byte with their own spelling. nginx uses the same text, so it is not
    // corrected here.
    const auto origin = parse_origin(value);
    if (!origin) return "must be empty, * or one origin in ASCII such as https://example.com";
    if (*origin != value) return "must be spelled as browsers do: " + *origin;
    return std::nullopt;
}

const std::vector<Setting>& all_settings() {
    static const std::vector<Setting> settings{
        {"HTTP_ADDRESS", "127.0.0.1", store_address, "address to listen on"},
        {"HTTP_PORT", "8080", store_port, "port to listen on"},
        {"CORS_ALLOW_ORIGIN", "", store_origin, "origin whose pages may read the API, or *; empty: none"},
        {"PUSH_CLIENTS", "10000", number(&Settings::push_clients, 0, 1'000'000),
         "maximum number of clients of /api/v2/stream and /api/v2/ws"},
        {"LOG_LEVEL", "info",
         one_of<LogLevel>(&Settings::log_level, {{"critical", LogLevel::critical},
                                                 {"error", LogLevel::error},
                                                 {"warning", LogLevel::warning},
                                                 {"info", LogLevel::info},
                                                 {"debug", LogLevel::debug}}),
         "critical, error, warning, info or debug; SIGUSR1 switches to debug and back"},
        {"LOG_FORMAT", "text",
         one_of<LogFormat>(&Settings::log_format, {{"text", LogFormat::text}, {"json", LogFormat::json}}),
         "text, or json: one object per line"},
        {"MARKETS_FILE", "", text(&Settings::markets_file), "custom market map; empty: the built-in one"},
        {"BINANCE_STREAM_URLS", "wss://stream.binance.com:9443,wss://data-stream.binance.vision",
         store_binance_stream, "stream hosts, comma-separated; if one fails, the next is tried"},
        {"BINANCE_REST_URL", "https://data-api.binance.vision", web_url(&Settings::binance_rest),
         "host of the symbol listing"},
        {"BINANCE_MAX_AGE", "5s", duration(&Settings::binance_max_age, 3s, 1h),
         "age limit of Binance values"},
        {"COINGECKO_PLAN", "none", text(&Settings::coingecko_plan),
         "none, demo, basic, analyst, lite or pro"},
        {"COINGECKO_API_KEY", "", store_key, "API key of the plan", true},
        {"COINGECKO_STREAM_URL", "wss://stream.coingecko.com/v1", store_coingecko_stream,
         "WebSocket URL, used from plan analyst on"},
        {"COINGECKO_REST_URL", "", store_coingecko_rest, "REST URL; empty: the plan's default"},
        {"COINGECKO_MAX_AGE", "180s", duration(&Settings::coingecko_max_age, 10s, 1h),
         "age limit of CoinGecko values"},
        {"FIAT_MAX_AGE", "15m", duration(&Settings::fiat_max_age, 1min, 24h),
         "age limit of a reference rate implied by CoinGecko's prices"},
        {"CBR_URL", "https://www.cbr.ru/scripts/XML_daily.asp", web_url(&Settings::cbr),
         "daily rates of the Bank of Russia"},
        {"CBR_MAX_AGE", "12d", duration(&Settings::cbr_max_age, 24h, 24h * 31),
         "age limit of an official rate while no newer one is published"},
        {"FAILBACK_AFTER", "10s", duration(&Settings::failback_after, 0s, 1h),
         "how long a preferred venue must be healthy before it becomes active again"},
        {"REDIS_URL", "", store_redis_url,
         "Redis shared by the replicas, redis://:password@host:6379/0; empty: standalone", true},
        {"DATABASE_URL", "", store_database_url,
         "Postgres for history, postgresql://user:password@host/database; empty: no history", true},
        {"HISTORY", "write",
         one_of<HistoryMode>(
             &Settings::history,
             {{"write", HistoryMode::write}, {"read", HistoryMode::read}, {"off", HistoryMode::off}}),
         "with DATABASE_URL: write records and answers history, read only answers, off does neither"},
        {"HISTORY_KEEP", "90d", duration(&Settings::history_keep, 24h, 24h * 3650),
         "retention of single quotes; candles are kept for good"},
        {"HISTORY_QUEUE", "500000", number(&Settings::history_queue, 100, 10'000'000),
         "rows held in memory while Postgres is unavailable; beyond it the oldest are dropped"},
        {"TRUSTED_CA_FILE", "", text(&Settings::trusted_ca_file),
         "PEM file of CA certificates to trust in addition to the system's"},
    };
    return settings;
}

std::string value_of(const Setting& setting, const Environment& environment) {
    const auto found = environment.find(setting.name);
    const bool is_set = found != environment.end() && !found->second.empty();
    return is_set ? found->second : std::string(setting.default_value);
}

}  // namespace

Settings load_settings(const Environment& environment, std::vector<Problem>& problems) {
    Settings settings;
    for (const auto& setting : all_settings()) {
        const auto value = value_of(setting, environment);
        if (const auto rule = setting.store(settings, value)) {
            problems.push_back({std::string(setting.name), setting.is_secret ? "(hidden)" : value, *rule});
        }
    }
    return settings;
}

std::vector<SettingText> describe_settings(const Environment& environment) {
    std::vector<SettingText> texts;
    for (const auto& setting : all_settings()) {
        auto value = value_of(setting, environment);
        if (setting.is_secret && !value.empty()) value = "(hidden)";
        texts.push_back({std::string(setting.name), std::move(value), std::string(setting.help)});
    }
    return texts;
}

}  // namespace kurs
