#include <pqxx/result>
#include <pqxx/transaction>

#include "kurs/postgres/migrations.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

using namespace std::chrono_literals;

/// Rights beside reading. Partitions are reached through their tables, and made and dropped by the functions.
constexpr std::pair<const char*, const char*> rights[]{
    {"insert", "active_changes, hour_candles, locked_quotes, minute_candles, quote_packs, routes, series"},
    {"update", "hour_candles, minute_candles, quote_packs, retention"},
    {"delete", "hour_candles, minute_candles, unpacked_quotes"},
    {"execute", "function make_partition(date), drop_partition(text)"}};

/// Not those that other services may have put beside ours.
constexpr auto select_own_tables =
    "select string_agg(oid::regclass::text, ', ') from pg_class where relkind in ('r', 'p', 'v') and "
    "relnamespace = current_schema()::regnamespace and relowner = current_user::regrole";

/// What would let the role change the schema, or null. It is refused rather than revoked: other services may
/// rely on it.
constexpr auto select_excess = R"(
select case
    when pg_has_role($1, current_user, 'member') then 'may act as the role that owns the schema'
    when has_schema_privilege($1, current_schema(), 'create')
        then format('may create tables: revoke create on schema %I from it and from public', current_schema())
    when has_database_privilege($1, current_database(), 'create')
        then format('may create schemas: revoke create on database %I from it and from public', current_database())
end)";

void grant(Connection& connection, const std::string& role) {
    Turn turn(connection);
    const auto refuse = [&](const std::string& what) { throw Unfit("the role " + role + " " + what); };
    if (turn.exec_params("select from pg_roles where rolname = $1", role).empty()) refuse("does not exist");
    const auto excess = turn.exec_params1(select_excess, role)[0];
    if (!excess.is_null()) refuse(excess.c_str());
    const std::string own_tables = turn.exec1(select_own_tables)[0].c_str();
    const auto name = turn.quote_name(role);
    turn.exec("grant usage on schema " + turn.quote_name(turn.exec1("select current_schema()")[0].c_str()) +
              " to " + name);
    turn.exec("revoke all on " + own_tables + " from " + name);
    turn.exec("grant select on " + own_tables + " to " + name);
    for (const auto& [right, things] : rights)
        turn.exec(std::string("grant ") + right + " on " + things + " to " + name);
    turn.commit();
}

}  // namespace

history::result<void> grant_serving(const std::string& url, const std::string& role) {
    return Session(url).call(1min, [&role](Connection& connection) { grant(connection, role); });
}

}  // namespace kurs::postgres
