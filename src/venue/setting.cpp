#include "kurs/venue/setting.hpp"

#include <algorithm>
#include <stdexcept>

#include "kurs/domain/duration_text.hpp"
#include "kurs/domain/whole_number.hpp"
#include "kurs/venue/url_text.hpp"

namespace kurs {
namespace {

std::optional<Endpoint> parse_stream_endpoint(std::string_view url) {
    return parse_endpoint(url, "ws", "wss");
}

std::optional<Endpoint> parse_web_endpoint(std::string_view url) {
    return parse_endpoint(url, "http", "https");
}

std::optional<Endpoint> parse_any_endpoint(std::string_view url) {
    auto endpoint = parse_stream_endpoint(url);
    return endpoint ? endpoint : parse_web_endpoint(url);
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// The items of a comma-separated list.
std::vector<std::string_view> items(std::string_view list) {
    std::vector<std::string_view> all;
    for (std::size_t begin = 0; begin <= list.size();) {
        const auto comma = std::min(list.find(',', begin), list.size());
        all.push_back(trimmed(list.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    return all;
}

template <class Parsed>
auto expect(Parsed parsed, std::string_view name) {
    if (!parsed)
        throw std::logic_error("the check of " + std::string(name) + " admits values of another type");
    return *std::move(parsed);
}

constexpr std::string_view stream_rule = "must be a ws:// or wss:// URL without query";

}  // namespace

std::string to_string(const Problem& problem) {
    const std::string value = problem.value.empty() ? "" : " is '" + problem.value + "'";
    auto line = problem.where + value + ": " + problem.rule;
    // Keys and values of documents may hold anything, and a problem is one line of a log.
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
    std::ranges::replace_if(line, is_control, '?');
    return line;
}

void SettingValues::refuse(std::string_view name, std::string default_value) {
    set(name, std::move(default_value));
    refused_.emplace(name);
}

const std::string& SettingValues::text(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw std::logic_error("no setting has the name " + std::string(name));
    return found->second;
}

Duration SettingValues::duration(std::string_view name) const {
    return expect(parse_duration(text(name)), name);
}

std::uint64_t SettingValues::number(std::string_view name) const {
    return expect(parse_whole_number<std::uint64_t>(text(name)), name);
}

Endpoint SettingValues::endpoint(std::string_view name) const {
    return expect(parse_any_endpoint(text(name)), name);
}

std::vector<std::string> SettingValues::list(std::string_view name) const {
    const auto& whole = text(name);
    if (whole.empty()) return {};
    const auto views = items(whole);
    return {views.begin(), views.end()};
}

std::vector<Endpoint> SettingValues::endpoints(std::string_view name) const {
    std::vector<Endpoint> all;
    for (const auto& item : list(name)) all.push_back(expect(parse_any_endpoint(item), name));
    return all;
}

std::optional<Proxy> SettingValues::proxy(std::string_view name) const {
    if (text(name).empty()) return std::nullopt;
    return expect(parse_proxy(text(name)), name);
}

Setting stream_urls_setting(std::string_view name, std::string_view urls, std::string_view simulated) {
    return {
        name,
        urls,
        checks::stream_urls(),
        "WebSocket URLs, comma-separated, divided among the connections, or shared if there are too few; if "
        "a URL fails, its connection uses the next of its URLs",
        "адреса WebSocket через запятую; распределяются между подключениями, а если их меньше, чем "
        "подключений, используются всеми; при отказе адреса подключение переходит на следующий из своих",
        false,
        simulated};
}

Setting connections_setting(std::string_view name) {
    return {
        name, "2", checks::number(1, 2),
        "simultaneous connections to the stream, `1` or `2`; with `2`, the failure of one causes no gap",
        "число одновременных подключений к потоку, `1` или `2`; при `2` отказ одного не вызывает перерыва в "
        "данных"};
}

Setting proxy_setting(std::string_view name) {
    return {name,
            "",
            checks::optional(checks::proxy_url()),
            "proxy for all connections to the venue, such as `http://user:password@host:3128` or "
            "`socks5h://host:1080`; the proxy resolves the venue's host name; empty: none",
            "прокси для всех соединений с площадкой, например `http://user:password@host:3128` или "
            "`socks5h://host:1080`; имя хоста площадки разрешает в адрес сам прокси; пусто: без прокси",
            true,
            ""};
}

namespace checks {

SettingCheck anything() {
    return [](const std::string&) { return std::nullopt; };
}

SettingCheck duration(Duration least, Duration most) {
    return [=](const std::string& value) -> std::optional<std::string> {
        const auto parsed = parse_duration(value);
        if (parsed && *parsed >= least && *parsed <= most) return std::nullopt;
        return "must be a duration such as 500ms, 5s, 15m, 2h or 12d, from " + to_string(least) + " to " +
               to_string(most);
    };
}

SettingCheck number(std::uint64_t least, std::uint64_t most) {
    return [=](const std::string& value) -> std::optional<std::string> {
        const auto parsed = parse_whole_number<std::uint64_t>(value);
        if (parsed && *parsed >= least && *parsed <= most) return std::nullopt;
        return "must be a number from " + std::to_string(least) + " to " + std::to_string(most);
    };
}

SettingCheck one_of(std::vector<std::string> choices) {
    return [choices = std::move(choices)](const std::string& value) -> std::optional<std::string> {
        if (std::ranges::find(choices, value) != choices.end()) return std::nullopt;
        std::string names;
        for (const auto& choice : choices) names += (names.empty() ? "" : ", ") + choice;
        return "must be one of " + names;
    };
}

SettingCheck web_url() {
    return [](const std::string& value) -> std::optional<std::string> {
        if (parse_web_endpoint(value)) return std::nullopt;
        return "must be an http:// or https:// URL without query";
    };
}

SettingCheck stream_url() {
    return [](const std::string& value) -> std::optional<std::string> {
        if (parse_stream_endpoint(value)) return std::nullopt;
        return std::string(stream_rule);
    };
}

SettingCheck stream_urls() {
    return [](const std::string& value) -> std::optional<std::string> {
        if (std::ranges::all_of(items(value),
                                [](auto item) { return parse_stream_endpoint(item).has_value(); }))
            return std::nullopt;
        return "each item of the comma-separated list " + std::string(stream_rule);
    };
}

SettingCheck proxy_url() {
    return [](const std::string& value) -> std::optional<std::string> {
        if (parse_proxy(value)) return std::nullopt;
        return "must be an http:// or socks5h:// URL with a port and without path";
    };
}

SettingCheck key() {
    return [](const std::string& value) -> std::optional<std::string> {
        const bool is_printable = std::ranges::all_of(value, [](char c) { return c > ' ' && c < '\x7f'; });
        if (is_printable && value.size() <= 200) return std::nullopt;
        return "must be at most 200 printable characters without spaces";
    };
}

SettingCheck optional(SettingCheck check) {
    return [check = std::move(check)](const std::string& value) -> std::optional<std::string> {
        return value.empty() ? std::nullopt : check(value);
    };
}

}  // namespace checks

}  // namespace kurs
