#include <libpq-fe.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <cctype>
#include <map>
#include <memory>
#include <sstream>

#include "kurs/domain/whole_number.hpp"
#include "kurs/postgres/history.hpp"
#include "postgres/connection.hpp"

namespace kurs::postgres {
namespace {

using Options = std::map<std::string, std::string>;

/// The options that must be numbers, with our defaults. libpq checks them only when it connects.
constexpr std::pair<const char*, const char*> numbers[]{
    {"connect_timeout", "3"},     {"keepalives", "1"},       {"keepalives_idle", "10"},
    {"keepalives_interval", "3"}, {"keepalives_count", "3"}, {"tcp_user_timeout", "10000"}};

/// libpq quotes parts of the URL. Only a plain word outside the credentials is repeated.
std::string without_secrets(std::string_view complaint, std::string_view url) {
    const auto credentials = url.substr(0, url.rfind('@') == url.npos ? 0 : url.rfind('@'));
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
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

history::result<Options> parse(const std::string& url) {
    const std::string rule = "must be like postgresql://user:password@host:port/database";
    if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) return bad_url(rule);
    // A quote in the URL would make it ambiguous what libpq quotes.
    if (url.find_first_of("\"\n") != url.npos) return bad_url(rule + ", with %22 for a quote");
    char* text = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&::PQconninfoFree)> parsed(
        ::PQconninfoParse(url.c_str(), &text), &::PQconninfoFree);
    const std::unique_ptr<char, decltype(&::PQfreemem)> complaint(text, &::PQfreemem);
    if (!parsed) return bad_url(rule + ": " + without_secrets(first_line(complaint.get()), url));
    Options options;
    for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) options.emplace(option->keyword, option->val);
    }
    for (const auto& [keyword, value] : numbers) {
        if (!parse_whole_number<int>(options.try_emplace(keyword, value).first->second))
            return bad_url(std::string(keyword) + " must be a number");
    }
    return options;
}

/// In libpq's form, "keyword='value'".
std::string to_text(const Options& options) {
    std::string text;
    for (auto [keyword, value] : options) {
        boost::replace_all(value, "\\", "\\\\");
        boost::replace_all(value, "'", "\\'");
        text.append(keyword).append("='").append(value).append("' ");
    }
    return text;
}

bool is_about_our_addresses(std::string_view line) {
    return line.starts_with("could not parse network address") || line.ends_with("hostaddr values");
}

}  // namespace

history::result<void> check_url(const std::string& url) {
    auto options = parse(url);
    if (!options) return options.error();
    // libpq checks most values only when it starts to connect. With an invalid address for each host it fails
    // before it opens a socket, and any other message concerns the URL.
    auto& addresses = (*options)["hostaddr"] = "-";
    for (auto commas = std::ranges::count((*options)["host"], ','); commas > 0; --commas) addresses += ",-";
    const std::unique_ptr<PGconn, decltype(&::PQfinish)> connection(
        ::PQconnectStart(to_text(*options).c_str()), &::PQfinish);
    std::istringstream complaints(::PQerrorMessage(connection.get()));
    for (std::string line; std::getline(complaints, line);) {
        if (!is_about_our_addresses(line)) return bad_url(without_secrets(line, url));
    }
    return {};
}

std::string connect_options(const std::string& url) {
    // libpq would repeat other text in messages, which would reveal the password.
    if (!check_url(url))
        throw Unfit("the database's URL is not like postgresql://user:password@host:port/database");
    auto options = parse(url).value();
    options.try_emplace("application_name", "kurs");
    options["client_encoding"] = "UTF8";
    return to_text(options);
}

}  // namespace kurs::postgres
