#include "kurs/config/settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <utility>

#include "config/origin_text.hpp"
#include "kurs/venue/url_text.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view simulator_host = "SIMULATOR_HOST";

constexpr std::pair<const char*, LogLevel> log_levels[]{{"critical", LogLevel::critical},
                                                        {"error", LogLevel::error},
                                                        {"warning", LogLevel::warning},
                                                        {"info", LogLevel::info},
                                                        {"debug", LogLevel::debug}};
constexpr std::pair<const char*, LogFormat> log_formats[]{{"text", LogFormat::text},
                                                          {"json", LogFormat::json}};
constexpr std::pair<const char*, alerts::Language> alert_languages[]{{"en", alerts::Language::english},
                                                                     {"ru", alerts::Language::russian}};
constexpr std::pair<const char*, HistoryMode> history_modes[]{
    {"write", HistoryMode::write}, {"read", HistoryMode::read}, {"off", HistoryMode::off}};

template <class Choices>
SettingCheck one_of(const Choices& choices) {
    std::vector<std::string> names;
    for (const auto& choice : choices) names.emplace_back(choice.first);
    return checks::one_of(std::move(names));
}

/// The value with this name, which a check has found to be one of the choices.
template <class Choices>
auto chosen(const Choices& choices, std::string_view name) {
    return std::ranges::find_if(choices, [&](const auto& choice) { return choice.first == name; })->second;
}

std::optional<std::string> check_address(const std::string& value) {
    in6_addr parsed{};
    const bool is_address =
        inet_pton(AF_INET, value.c_str(), &parsed) == 1 || inet_pton(AF_INET6, value.c_str(), &parsed) == 1;
    if (is_address) return std::nullopt;
    return "must be an IP address, such as 127.0.0.1, 0.0.0.0 or ::";
}

std::optional<std::string> check_port(const std::string& value) {
    if (!checks::number(0, 65'535)(value)) return std::nullopt;
    return "must be a port from 0 (any free one) to 65535";
}

std::optional<std::string> check_origin(const std::string& value) {
    if (value.empty() || value == "*") return std::nullopt;
    // Browsers compare it byte by byte with their own spelling. nginx uses the same text, so it is not
    // corrected here.
    const auto origin = parse_origin(value);
    if (!origin) return "must be empty, * or one origin in ASCII such as https://example.com";
    if (*origin != value) return "must be spelled as browsers do: " + *origin;
    return std::nullopt;
}

std::optional<std::string> check_redis_url(const std::string& value) {
    if (value.empty() || with_lower_scheme(value).starts_with("redis://") ||
        with_lower_scheme(value).starts_with("rediss://"))
        return std::nullopt;
    return "must be a redis:// or rediss:// URL";
}

std::optional<std::string> check_database_url(const std::string& value) {
    const std::string url = with_lower_scheme(value);
    if (value.empty() || url.starts_with("postgresql://") || url.starts_with("postgres://"))
        return std::nullopt;
    return "must be a postgresql:// URL";
}

std::optional<std::string> check_host(const std::string& value) {
    const auto is_host_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.';
    };
    if (std::ranges::all_of(value, is_host_character)) return std::nullopt;
    return "must be a host name or an IPv4 address, without a port";
}

std::vector<SettingGroup> groups_before_venues() {
    return {
        {"Serving",
         {{"HTTP_ADDRESS", "127.0.0.1", check_address, "address to listen on; `0.0.0.0` in containers",
           "адрес, на котором слушает сервис; в контейнерах `0.0.0.0`"},
          {"HTTP_PORT", "8080", check_port, "port to listen on", "порт"},
          {"CORS_ALLOW_ORIGIN", "", check_origin,
           "origin whose pages may read the API, spelled as browsers do, such as `https://example.com`, or "
           "`*`; "
           "empty: none",
           "origin, страницам которого разрешено читать API, в том виде, в каком его пишут браузеры, "
           "например "
           "`https://example.com`, или `*`; пусто: запрещено всем"},
          {"API_KEYS_FILE", "", checks::anything(),
           "keys that requests to the API must have (docs/operating.md); empty: none",
           "ключи, которые должны быть у запросов к API (docs/operating.md); пусто: ключи не нужны"},
          {"QUOTE_KEYS_FILE", "", checks::anything(),
           "Ed25519 keys in PEM that sign locked quotes (docs/quotes.md); requires `API_KEYS_FILE`; empty: "
           "no "
           "quotes are locked",
           "ключи Ed25519 в PEM, которыми подписываются зафиксированные котировки (docs/quotes.md); требует "
           "`API_KEYS_FILE`; пусто: котировки не фиксируются"},
          {"QUOTE_TTL_MAX", "15m", checks::duration(1s, 24h), "maximum time for which a quote can be locked",
           "наибольшее время, на которое можно зафиксировать котировку"},
          {"PUSH_CLIENTS", "10000", checks::number(0, 1'000'000),
           "maximum number of clients of `/api/v2/stream` and `/api/v2/ws`",
           "максимальное число клиентов `/api/v2/stream` и `/api/v2/ws`"}}},
        {"Logs",
         {{"LOG_LEVEL", "info", one_of(log_levels),
           "`critical`, `error`, `warning`, `info` or `debug`; SIGUSR1 switches to `debug` and back",
           "`critical`, `error`, `warning`, `info` или `debug`; SIGUSR1 переключает на `debug` и обратно"},
          {"LOG_FORMAT", "text", one_of(log_formats), "`text`, or `json`: one object per line",
           "`text` или `json`: один объект на строку"}}},
        {"Market map",
         {{"VENUES", "", checks::anything(),
           "venues to use, comma-separated, such as `binance,kraken,cbr`; empty: all venues of the market "
           "map; "
           "directions that lose their last route are not served",
           "используемые площадки через запятую, например `binance,kraken,cbr`; пусто: все площадки карты "
           "рынка; "
           "направления, у которых не остаётся маршрута, не отдаются"},
          {simulator_host, "", check_host,
           "host of a `kurs-sim` with its default ports, which replaces every venue: URLs, keys and proxies "
           "of venues are ignored, and all prices are simulated; empty: the real venues",
           "хост `kurs-sim` со стандартными портами, заменяющего все площадки: их адреса, ключи и прокси не "
           "используются, все цены имитируются; пусто: настоящие площадки"},
          {"MARKETS_FILE", "", checks::anything(),
           "custom market map (docs/markets.md); empty: the built-in one with eight directions",
           "собственная карта рынка (docs/markets.md); пусто: встроенная, с восемью направлениями"},
          {"EXPORTS_FILE", "", checks::anything(),
           "exports for monitors and exchanger sites (docs/exports.md); empty: none",
           "экспорт курсов для мониторингов и сайтов обменников (docs/exports.md); пусто: нет"}}}};
}

std::vector<SettingGroup> groups_after_venues() {
    return {
        {"Failover",
         {{"FAILBACK_AFTER", "10s", checks::duration(0s, 1h),
           "how long a preferred venue must be healthy before it becomes active again",
           "сколько времени предпочтительная площадка должна быть исправна, чтобы снова стать активной"}}},
        {"Recording",
         {{"RECORD_FILE", "", checks::anything(),
           "path to which everything that rates depend on is recorded, for `kurs replay` "
           "(docs/operating.md); "
           "the host's name, the time and `.tape.gz` are appended; empty: nothing is recorded",
           "путь для записи всего, от чего зависят курсы, для `kurs replay` (docs/operating.md); к нему "
           "добавляются имя хоста, время и `.tape.gz`; пусто: запись не ведётся"},
          {"RECORD_KEEP", "1024", checks::number(4, 1'000'000),
           "megabytes of recordings that are kept; older ones are deleted",
           "сколько мегабайт записей хранить; более старые удаляются"}}},
        {"Alerts",
         {{"ALERT_URL", "", checks::optional(checks::web_url()),
           "webhook that receives alerts (docs/alerts.md); empty: none",
           "вебхук, на который отправляются уведомления (docs/alerts.md); пусто: не отправляются", true},
          {"ALERT_SECRET", "", checks::anything(),
           "secret that signs alerts, `whsec_` and base64, or two with a comma between; required by "
           "`ALERT_URL`",
           "секрет для подписи уведомлений, `whsec_` и base64, или два через запятую; обязателен вместе с "
           "`ALERT_URL`",
           true},
          {"ALERT_LANGUAGE", "en", one_of(alert_languages),
           "language of the sentence in an alert, `en` or `ru`", "язык текста уведомления, `en` или `ru`"},
          {"ALERT_AFTER", "10s", checks::duration(3s, 1h),
           "how long a trouble must last, or be over, before an alert is sent",
           "сколько неполадка должна длиться или отсутствовать, чтобы было отправлено уведомление"}}},
        {"Replicas",
         {{"REDIS_URL", "", check_redis_url,
           "Redis shared by the replicas, such as `redis://user:password@host:6379/0`, or `rediss://...` "
           "with TLS; empty: standalone",
           "общий Redis всех реплик, например `redis://user:password@host:6379/0` или `rediss://...` с TLS; "
           "пусто: одиночный режим "
           "(standalone)",
           true},
          {"BOARD_SLOT", "10ms", checks::duration(5ms, 500ms),
           "how often the leader publishes changes to the replicas (docs/scaling.md); must be the same "
           "at all replicas",
           "как часто ведущая реплика публикует изменения (docs/scaling.md); должно совпадать у "
           "всех реплик"},
          {"BOARD_DELAY", "20ms", checks::duration(5ms, 1s),
           "time from the beginning of a slot until all replicas serve its changes; a multiple of "
           "`BOARD_SLOT`; must be the same at all replicas",
           "через сколько после начала слота все реплики отдают его изменения; кратно `BOARD_SLOT`; должно "
           "совпадать у всех реплик"}}},
        {"History",
         {{"DATABASE_URL", "", check_database_url,
           "Postgres, such as `postgresql://user:password@host/database`; empty: no history",
           "Postgres, например `postgresql://user:password@host/database`; пусто: без истории", true},
          {"HISTORY", "write", one_of(history_modes),
           "`write`: record and answer history; `read`: answer only, while other replicas write; `off`: "
           "neither; without `DATABASE_URL` it has no effect",
           "`write`: писать историю и отвечать на запросы к ней; `read`: только отвечать, пока пишут другие "
           "реплики; `off`: ни того, ни другого; без `DATABASE_URL` не действует"},
          {"HISTORY_KEEP", "90d", checks::duration(24h, 24h * 3650),
           "retention of individual quotes; minute and hour candles are kept without limit",
           "срок хранения отдельных котировок; минутные и часовые свечи хранятся бессрочно"},
          {"HISTORY_QUEUE", "500000", checks::number(100, 10'000'000),
           "rows held in memory while Postgres is unavailable; the default lasts for hours and takes at most "
           "100 MB; beyond the limit, the oldest rows are dropped and counted",
           "сколько строк держать в памяти, пока Postgres недоступен; значения по умолчанию хватает на часы, "
           "памяти нужно не больше 100 МБ; сверх лимита самые старые строки отбрасываются и учитываются"}}},
        {"TLS",
         {{"TRUSTED_CA_FILE", "", checks::anything(),
           "PEM file of CA certificates to trust in addition to the system's",
           "PEM-файл с сертификатами УЦ в дополнение к системным"}}}};
}

std::string_view find(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

/// An absent or empty variable has the default value.
std::string value_of(const Setting& setting, const Environment& environment) {
    const std::string simulator(find(environment, simulator_host));
    const bool is_simulated = !simulator.empty() && !check_host(simulator);
    if (setting.simulated && is_simulated)
        return boost::algorithm::replace_all_copy(std::string(*setting.simulated), "simulator", simulator);
    const auto value = find(environment, setting.name);
    return std::string(value.empty() ? setting.default_value : value);
}

SettingValues read_values(const std::vector<Venue>& venues, const Environment& environment,
                          std::vector<Problem>& problems) {
    SettingValues values;
    for (const auto& setting : all_settings(venues)) {
        auto value = value_of(setting, environment);
        if (const auto rule = setting.check(value)) {
            problems.push_back({std::string(setting.name), setting.is_secret ? "(hidden)" : value, *rule});
            values.refuse(setting.name, std::string(setting.default_value));
        } else {
            values.set(setting.name, std::move(value));
        }
    }
    return values;
}

void check_delay(const SettingValues& values, std::vector<Problem>& problems) {
    if (values.is_refused("BOARD_SLOT") || values.is_refused("BOARD_DELAY")) return;
    if (values.duration("BOARD_DELAY") % values.duration("BOARD_SLOT") == Duration{0}) return;
    problems.push_back({"BOARD_DELAY", values.text("BOARD_DELAY"),
                        "must be a multiple of BOARD_SLOT, which is " + values.text("BOARD_SLOT")});
}

}  // namespace

std::vector<SettingGroup> setting_groups(const std::vector<Venue>& venues) {
    auto groups = groups_before_venues();
    for (const auto& venue : venues) groups.push_back({venue.title.en, venue.settings});
    std::ranges::move(groups_after_venues(), std::back_inserter(groups));
    return groups;
}

std::vector<Setting> all_settings(const std::vector<Venue>& venues) {
    std::vector<Setting> all;
    for (auto& group : setting_groups(venues)) std::ranges::move(group.settings, std::back_inserter(all));
    return all;
}

Settings load_settings(const std::vector<Venue>& venues, const Environment& environment,
                       std::vector<Problem>& problems) {
    auto values = read_values(venues, environment, problems);
    check_delay(values, problems);
    Settings settings;
    settings.http_address = values.text("HTTP_ADDRESS");
    settings.http_port = static_cast<std::uint16_t>(values.number("HTTP_PORT"));
    settings.cors_allow_origin = values.text("CORS_ALLOW_ORIGIN");
    settings.api_keys_file = values.text("API_KEYS_FILE");
    settings.quote_keys_file = values.text("QUOTE_KEYS_FILE");
    settings.quote_ttl_max = values.duration("QUOTE_TTL_MAX");
    settings.push_clients = values.number("PUSH_CLIENTS");
    settings.log_level = chosen(log_levels, values.text("LOG_LEVEL"));
    settings.log_format = chosen(log_formats, values.text("LOG_FORMAT"));
    settings.venues = values.list("VENUES");
    settings.simulator_host = values.text(simulator_host);
    settings.markets_file = values.text("MARKETS_FILE");
    settings.exports_file = values.text("EXPORTS_FILE");
    settings.trusted_ca_file = values.text("TRUSTED_CA_FILE");
    settings.failback_after = values.duration("FAILBACK_AFTER");
    settings.alert_url = values.text("ALERT_URL");
    settings.record_file = values.text("RECORD_FILE");
    settings.record_keep = values.number("RECORD_KEEP") << 20;
    settings.alert_secret = values.text("ALERT_SECRET");
    settings.alert_language = chosen(alert_languages, values.text("ALERT_LANGUAGE"));
    settings.alert_after = values.duration("ALERT_AFTER");
    settings.redis_url = with_lower_scheme(values.text("REDIS_URL"));
    settings.board_slot = values.duration("BOARD_SLOT");
    settings.board_delay = values.duration("BOARD_DELAY");
    settings.database_url = with_lower_scheme(values.text("DATABASE_URL"));  // libpq requires lower case
    settings.history = chosen(history_modes, values.text("HISTORY"));
    settings.history_keep = values.duration("HISTORY_KEEP");
    settings.history_queue = values.number("HISTORY_QUEUE");
    settings.values = std::move(values);
    return settings;
}

std::vector<SettingText> describe_settings(const std::vector<Venue>& venues, const Environment& environment) {
    std::vector<SettingText> texts;
    for (const auto& setting : all_settings(venues)) {
        auto value = value_of(setting, environment);
        if (setting.is_secret && !value.empty()) value = "(hidden)";
        texts.push_back({std::string(setting.name), std::move(value)});
    }
    return texts;
}

}  // namespace kurs
