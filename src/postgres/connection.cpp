#include "postgres/connection.hpp"

#include <libpq-fe.h>

#include <array>
#include <pqxx/except>

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

/// A warning, sent to everybody before all connections are ended.
constexpr std::string_view crashed = "57P02";

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

/// To libpq an error is a notice while no call is under way.
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
    // A silent reconnection would hide that a transaction was lost.
    inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

Connection::~Connection() {
    close();
}

void set_up(pqxx::transaction_base& transaction, const ConnectionLimits& limits) {
    transaction.exec(
        "set local client_min_messages = warning; set local timezone = 'UTC'; set local datestyle = 'ISO';"
        "set local jit = off; set local statement_timeout = " +
        milliseconds(limits.statement) + "; set local lock_timeout = " + milliseconds(limits.lock) +
        "; set local idle_in_transaction_session_timeout = " + milliseconds(limits.statement));
}

}  // namespace kurs::postgres
