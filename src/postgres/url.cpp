#include "kurs/postgres/history.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "kurs/domain/whole_number.hpp"
#include "postgres/connection.hpp"

namespace kurs::postgres {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&::PQconninfoFree)>;
using Handle = std::unique_ptr<PGconn, decltype(&::PQfinish)>;

/// libpq quotes parts of the URL. Only a plain word outside the credentials is repeated.
std::string without_secrets(std::string_view complaint, std::string_view url) {
    const auto credentials = url.substr(0, url.rfind('@') == url.npos ? 0 : url.rfind('@'));
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    std::string text;
    for (;;) {
        const auto begin = complaint.find('"');
        const auto end = begin == complaint.npos ? begin : complaint.find('"', begin + 1);
        if (end == complaint.npos) return text + std::string(complaint);
        const auto word = complaint.substr(begin + 1, end - begin - 1);
        const bool is_shown =
            std::ranges::all_of(word, is_plain) && credentials.find(word) == credentials.npos;
        text += std::string(complaint.substr(0, begin)) + (is_shown ? std::string(word) : "(hidden)");
        complaint.remove_prefix(end + 1);
    }
}

history::Failure bad_url(std::string complaint) {
    return {HistoryFailure::unfit, std::move(complaint)};
}

/// libpq checks these only when it connects.
history::result<void> check_numbers(const PQconninfoOption* options) {
    constexpr std::array<std::string_view, 6> numbers{"connect_timeout",  "keepalives",
                                                      "keepalives_idle",  "keepalives_interval",
                                                      "keepalives_count", "tcp_user_timeout"};
    for (const auto* option = options; option->keyword != nullptr; ++option) {
        if (option->val == nullptr || std::ranges::find(numbers, option->keyword) == numbers.end()) continue;
        if (!parse_whole_number<int>(option->val))
            return bad_url(std::string(option->keyword) + " must be a number");
    }
    return {};
}

std::ptrdiff_t count_hosts(const PQconninfoOption* options) {
    for (const auto* option = options; option->keyword != nullptr; ++option) {
        if (option->keyword == std::string_view("host") && option->val != nullptr)
            return 1 + std::ranges::count(std::string_view(option->val), ',');
    }
    return 1;
}

/// libpq checks most values only when it starts to connect. With an invalid address for each host it fails
/// before it opens a socket, and any other message concerns the URL.
std::string complaints_about_values(const std::string& url, std::ptrdiff_t hosts) {
    std::string addresses = "-";
    for (; hosts > 1; --hosts) addresses += ",-";
    constexpr std::array keys{"dbname", "hostaddr", static_cast<const char*>(nullptr)};
    const std::array values{url.c_str(), addresses.c_str(), static_cast<const char*>(nullptr)};
    const Handle connection(::PQconnectStartParams(keys.data(), values.data(), 1), &::PQfinish);
    return ::PQerrorMessage(connection.get());
}

bool is_about_our_addresses(std::string_view line) {
    return line.starts_with("could not parse network address") || line.ends_with("hostaddr values");
}

}  // namespace

history::result<void> check_url(const std::string& url) {
    const std::string rule = "must be like postgresql://user:password@host:port/database";
    if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) return bad_url(rule);
    // A quote in the URL would make it ambiguous what libpq quotes.
    if (url.find_first_of("\"\n") != url.npos) return bad_url(rule + ", with %22 for a quote");
    char* text = nullptr;
    const Options options(::PQconninfoParse(url.c_str(), &text), &::PQconninfoFree);
    const std::unique_ptr<char, decltype(&::PQfreemem)> complaint(text, &::PQfreemem);
    if (!options) return bad_url(rule + ": " + without_secrets(first_line(complaint.get()), url));
    if (auto checked = check_numbers(options.get()); !checked) return checked;
    const auto lines = complaints_about_values(url, count_hosts(options.get()));
    for (std::string_view rest = lines; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        if (!is_about_our_addresses(line)) return bad_url(without_secrets(line, url));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return {};
}

}  // namespace kurs::postgres
