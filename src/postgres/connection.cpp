#include "postgres/connection.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <boost/algorithm/string.hpp>
#include <cctype>
#include <map>
#include <pqxx/except>
#include <sstream>

#include "kurs/domain/whole_number.hpp"
#include "kurs/postgres/history.hpp"

// libpqxx 6.4 leaks the result of a call that finds the connection lost (make_result throws before it takes
// ownership): 2 kB per lost connection. Read by the leak sanitizer only.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "leak:libpqxx";
}

namespace kurs::postgres {
namespace {

/// Classifies by SQLSTATE.
HistoryFailure kind_of(const std::string& state) {
    const auto group = state.substr(0, 2);
    if (state == "57014") return HistoryFailure::overdue;  // the server canceled the query
    // Data exception, or constraint violation.
    if (group == "22" || group == "23") return HistoryFailure::rejected;
    // Not supported, and syntax error or access rule violation, which includes a missing table.
    if (group == "0A" || group == "42") return HistoryFailure::unfit;
    return HistoryFailure::away;
}

using Options = std::map<std::string, std::string>;

/// The options that must be numbers, with our defaults. libpq checks them only when it connects.
constexpr std::pair<const char*, const char*> numbers[]{
    {"connect_timeout", "2"},     {"keepalives", "1"},       {"keepalives_idle", "10"},
    {"keepalives_interval", "3"}, {"keepalives_count", "3"}, {"tcp_user_timeout", "10000"}};

/// libpq quotes parts of the URL. Only a plain word outside the credentials is repeated.
std::string without_secrets(const std::string& complaint, std::string_view url) {
    const auto credentials = url.substr(0, url.rfind('@') == url.npos ? 0 : url.rfind('@'));
    const auto is_plain = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
    std::vector<std::string> parts;  // every other one is quoted
    boost::split(parts, complaint, [](char c) { return c == '"'; });
    for (std::size_t i = 1; i < parts.size(); i += 2) {
        const auto& word = parts[i];
        if (!std::ranges::all_of(word, is_plain) || credentials.find(word) != credentials.npos)
            parts[i] = "(hidden)";
    }
    return boost::join(parts, "");
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

/// The options of the URL and our defaults.
std::string connect_options(const std::string& url) {
    // libpq would repeat other text in messages, which would reveal the password.
    if (!check_url(url))
        throw Unfit("the database's URL is not like postgresql://user:password@host:port/database");
    auto options = parse(url).value();
    options.try_emplace("application_name", "kurs");
    options["client_encoding"] = "UTF8";
    return to_text(options);
}

}  // namespace

history::Failure describe_failure() {
    try {
        throw;
    } catch (const pqxx::sql_error& failure) {
        return {kind_of(failure.sqlstate()), first_line(failure.what())};
    } catch (const Unfit& failure) {
        return {HistoryFailure::unfit, failure.what()};
    } catch (const std::exception& failure) {
        return {HistoryFailure::away, first_line(failure.what())};
    }
}

std::string first_line(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    text = text.substr(0, text.find_first_of("\r\n"));
    return text.empty() ? "failed without a reason" : std::string(text);
}

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
        if (!line.starts_with("could not parse network address") && !line.ends_with("hostaddr values"))
            return bad_url(without_secrets(line, url));
    }
    return {};
}

ConnectOnce::handle ConnectOnce::do_startconnect(handle existing) {
    connection_ = normalconnect(existing);
    // Without a call in progress, libpq reports the error that ends the connection as a notice. Its severity
    // may be WARNING, as after a crash, but only its SQLSTATE is that of an error. Class 00 is success, 01
    // warning.
    const auto note = [](void* policy, const PGresult* notice) {
        const auto* const state = ::PQresultErrorField(notice, PG_DIAG_SQLSTATE);
        if (state != nullptr && std::string_view(state) < "02") return;
        static_cast<ConnectOnce*>(policy)->farewell_ = ::PQresultErrorMessage(notice);
    };
    ::PQsetNoticeReceiver(connection_, note, this);
    return connection_;
}

ConnectOnce::handle ConnectOnce::do_disconnect(handle existing) noexcept {
    connection_ = nullptr;
    return connectionpolicy::do_disconnect(existing);
}

std::string ConnectOnce::why_lost() const {
    if (!farewell_.empty()) return farewell_;
    return connection_ ? ::PQerrorMessage(connection_) : "";
}

Connection::Connection(const std::string& url, Duration statement_limit)
    : connection_base(policy_), policy_(connect_options(url)), statement_limit_(statement_limit) {
    init();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    // A silent reconnect would hide a lost transaction.
    inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

Connection::~Connection() {
    close();
}

void set_up(pqxx::transaction_base& transaction, Duration statement_limit) {
    const auto statement = std::to_string(statement_limit.count());
    transaction.exec(
        "set local client_min_messages = warning; set local timezone = 'UTC'; set local datestyle = 'ISO';"
        "set local jit = off; set local statement_timeout = " +
        statement + "; set local lock_timeout = " + std::to_string(statement_limit.count() / 2) +
        "; set local idle_in_transaction_session_timeout = " + statement);
}

Turn::Turn(Connection& connection) : pqxx::internal::namedclass("transaction"), Bounded(connection) {
    // A number of our own, so that the lock does not collide with those of other services. The statement is
    // separate, so that the next one sees everything that earlier holders committed.
    exec("select pg_advisory_xact_lock(1802859123, 2)");
}

}  // namespace kurs::postgres
