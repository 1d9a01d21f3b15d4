#include "postgres/connection.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <pqxx/except>

#include "kurs/postgres/history.hpp"

// libpqxx 6.4 leaks the result of a call that finds the connection lost (make_result throws before it takes
// ownership): 2 kB per lost connection. Read by the leak sanitizer only.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "leak:libpqxx";
}

namespace kurs::postgres {
namespace {

/// A warning that the server sends to every client before it ends all connections.
constexpr std::string_view crashed = "57P02";

constexpr std::string_view query_canceled = "57014";

/// Classifies by SQLSTATE.
HistoryFailure kind_of(std::string_view state) {
    if (state == query_canceled) return HistoryFailure::overdue;
    const auto begins_with = [state](std::string_view start) { return state.starts_with(start); };
    // Data exception, or constraint violation.
    if (begins_with("22") || begins_with("23")) return HistoryFailure::rejected;
    // Not supported, and syntax error or access rule violation, which includes a missing table.
    if (begins_with("0A") || begins_with("42")) return HistoryFailure::unfit;
    return HistoryFailure::away;
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

ConnectOnce::handle ConnectOnce::do_startconnect(handle existing) {
    if (existing) return existing;
    // libpq would take other text for a database name or conninfo, and repeat it in messages, which would
    // reveal the password.
    if (!check_url(options()))
        throw Unfit("the database's URL is not like postgresql://user:password@host:port/database");
    // Later values override earlier ones: the URL may set its own.
    constexpr std::array keys{"connect_timeout",
                              "application_name",
                              "keepalives_idle",
                              "keepalives_interval",
                              "keepalives_count",
                              "tcp_user_timeout",
                              "dbname",
                              "client_encoding",
                              static_cast<const char*>(nullptr)};
    const std::array values{
        "3", "kurs", "10", "3", "3", "10000", options().c_str(), "UTF8", static_cast<const char*>(nullptr)};
    static_assert(keys.size() == values.size());
    const handle fresh = ::PQconnectdbParams(keys.data(), values.data(), 1);
    if (::PQstatus(fresh) == CONNECTION_OK) {
        ::PQsetNoticeReceiver(fresh, note, this);
        return connection_ = fresh;
    }
    const std::string text = ::PQerrorMessage(fresh);
    ::PQfinish(fresh);
    throw pqxx::broken_connection(text);
}

ConnectOnce::handle ConnectOnce::do_disconnect(handle existing) noexcept {
    connection_ = nullptr;
    return connectionpolicy::do_disconnect(existing);
}

/// Without a call in progress, libpq reports an error as a notice.
void ConnectOnce::note(void* policy, const PGresult* notice) {
    const auto field = [notice](int code) {
        const char* const text = ::PQresultErrorField(notice, code);
        return std::string_view(text ? text : "");
    };
    const bool is_end = field(PG_DIAG_SEVERITY_NONLOCALIZED) == "FATAL" || field(PG_DIAG_SQLSTATE) == crashed;
    if (is_end) static_cast<ConnectOnce*>(policy)->farewell_ = ::PQresultErrorMessage(notice);
}

std::string ConnectOnce::why_lost() const {
    if (!farewell_.empty()) return farewell_;
    return connection_ ? ::PQerrorMessage(connection_) : "";
}

Connection::Connection(const std::string& url, const ConnectionLimits& limits)
    : connection_base(policy_), policy_(url), limits_(limits) {
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

void set_up(pqxx::transaction_base& transaction, const ConnectionLimits& limits) {
    const auto statement = std::to_string(limits.statement.count());
    transaction.exec(
        "set local client_min_messages = warning; set local timezone = 'UTC'; set local datestyle = 'ISO';"
        "set local jit = off; set local statement_timeout = " +
        statement + "; set local lock_timeout = " + std::to_string(limits.lock.count()) +
        "; set local idle_in_transaction_session_timeout = " + statement);
}

void take_lock(pqxx::transaction_base& transaction, Lock lock) {
    constexpr int kurs = 0x6b757273;  // so that the locks do not collide with those of other services
    transaction.exec_params("select pg_advisory_xact_lock($1, $2)", kurs, static_cast<int>(lock));
}

}  // namespace kurs::postgres
