#include "postgres/connection.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <pqxx/except>

// libpqxx 6.4 leaks the result of a call that finds the connection lost (make_result throws before it takes
// ownership): 2 kB per lost connection. Read by the leak sanitizer only.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "leak:libpqxx";
}

namespace kurs::postgres {
namespace {

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
    connection_ = normalconnect(existing);
    // Without a call in progress, libpq reports the error that ends the connection as a notice.
    const auto note = [](void* policy, const PGresult* notice) {
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

Connection::Connection(const std::string& url, const ConnectionLimits& limits)
    : connection_base(policy_), policy_(connect_options(url)), limits_(limits) {
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

Turn::Turn(Connection& connection) : pqxx::internal::namedclass("transaction"), Bounded(connection) {
    // A number of our own, so that the lock does not collide with those of other services. The statement is
    // separate, so that the next one sees everything that earlier holders committed.
    exec("select pg_advisory_xact_lock(1802859123, 2)");
}

}  // namespace kurs::postgres
