#include "postgres/connection.hpp"

#include <libpq-fe.h>

#include <array>
#include <pqxx/except>
#include <pqxx/nontransaction>

#include "postgres/failure.hpp"

// libpqxx 6.4 leaks the result of a call that finds the connection lost (make_result throws before it takes
// the result over): 2 kB for each connection that was lost. Read by the leak sanitizer only.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
    return "leak:libpqxx";
}

namespace kurs::postgres {
namespace {

/// libpq would take another text for a database's name or for conninfo, and repeat it in messages, which then
/// show the password.
void check_url(const std::string& url) {
    const bool has_scheme = url.starts_with("postgresql://") || url.starts_with("postgres://");
    char* complaint = nullptr;
    auto* const options = has_scheme ? ::PQconninfoParse(url.c_str(), &complaint) : nullptr;
    ::PQconninfoFree(options);
    ::PQfreemem(complaint);
    if (!options) throw Unfit("the database's URL is not like postgresql://user:password@host:port/database");
}

std::string milliseconds(Duration duration) {
    return std::to_string(duration.count());
}

}  // namespace

ConnectOnce::handle ConnectOnce::do_startconnect(handle existing) {
    if (existing) return existing;
    check_url(options());
    // What comes after replaces what came before: the URL may set its own.
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
    const handle connection = ::PQconnectdbParams(keys.data(), values.data(), 1);
    if (::PQstatus(connection) == CONNECTION_OK) return connection;
    const std::string text = ::PQerrorMessage(connection);
    ::PQfinish(connection);
    throw pqxx::broken_connection(text);
}

std::unique_ptr<Connection> connect(const std::string& url) {
    auto connection = std::make_unique<Connection>(url);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    // A silent reconnection would lose what `set_up` sets and hide that a transaction was lost.
    connection->inhibit_reactivation(true);
#pragma GCC diagnostic pop
    return connection;
}

void set_up(Connection& connection, const ConnectionLimits& limits) {
    pqxx::nontransaction session(connection);
    session.exec(
        "set client_min_messages = warning; set timezone = 'UTC'; set datestyle = 'ISO'; set jit = off;"
        "set statement_timeout = " +
        milliseconds(limits.statement) +
        ";"
        "set lock_timeout = " +
        milliseconds(limits.lock) +
        ";"
        "set idle_in_transaction_session_timeout = " +
        milliseconds(limits.statement));
}

}  // namespace kurs::postgres
