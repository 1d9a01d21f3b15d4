#include "kurs/postgres/migrations.hpp"

#include <algorithm>
#include <map>
#include <pqxx/result>
#include <pqxx/transaction>

#include "postgres/reading.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

using namespace std::chrono_literals;

constexpr Duration status_limit = 10s;
constexpr Duration migrate_limit = 10min;

struct Applied {
    std::string name;
    std::string checksum;
    TimePoint at{};
};

constexpr auto create_table = R"(
create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
))";

/// The applied migrations, by version.
std::map<int, Applied> read_applied(pqxx::transaction_base& transaction) {
    std::map<int, Applied> applied;
    const auto rows = transaction.exec("select version, name, checksum, " + as_time("applied_at") +
                                       " from schema_migrations order by version");
    for (const auto& row : rows) {
        applied.emplace(row[0].as<int>(), Applied{row[1].c_str(), row[2].c_str(), read_time(row[3])});
    }
    return applied;
}

void check_known(const std::map<int, Applied>& applied, std::span<const Migration> known) {
    if (!applied.empty() && applied.rbegin()->first > static_cast<int>(known.size())) {
        throw Unfit("the database is at version " + std::to_string(applied.rbegin()->first) +
                    ", newer than this build, which knows 1 to " + std::to_string(known.size()) +
                    ": run the build that migrated it, or a later one");
    }
    for (const auto& migration : known) {
        const auto found = applied.find(migration.version);
        if (found == applied.end() || found->second.checksum == migration.checksum) continue;
        throw Unfit("the file " + std::string(migration.name) +
                    " was changed after it was applied to this database: undo the change and put it into a "
                    "migration of its own");
    }
}

void run(pqxx::transaction_base& transaction, const Migration& migration) {
    try {
        transaction.exec(std::string(migration.sql));
    } catch (const pqxx::sql_error& failure) {
        throw pqxx::sql_error(
            "migration " + std::string(migration.name) + " failed: " + first_line(failure.what()), "",
            failure.sqlstate().c_str());
    }
}

/// Returns whether this call applied it.
bool apply(Connection& connection, const Migration& migration, std::span<const Migration> known) {
    Bounded<pqxx::work> transaction(connection);
    transaction.exec("set local statement_timeout = '10min'");
    take_lock(transaction, Lock::migrate);
    // Another replica may have applied it during the wait.
    transaction.exec(create_table);
    const auto applied = read_applied(transaction);
    check_known(applied, known);
    if (applied.contains(migration.version)) return false;
    run(transaction, migration);
    transaction.exec_params0("insert into schema_migrations (version, name, checksum) values ($1, $2, $3)",
                             migration.version, std::string(migration.name), std::string(migration.checksum));
    transaction.commit();
    return true;
}

}  // namespace

std::vector<AppliedMigration> compare_migrations(Connection& connection, std::span<const Migration> known) {
    Bounded<pqxx::read_transaction> transaction(connection);
    const bool is_empty = transaction.exec1("select to_regclass('schema_migrations')")[0].is_null();
    const auto applied = is_empty ? std::map<int, Applied>() : read_applied(transaction);
    check_known(applied, known);
    std::vector<AppliedMigration> compared;
    for (const auto& migration : known) {
        const auto found = applied.find(migration.version);
        compared.push_back(
            {migration, found == applied.end() ? std::nullopt : std::optional(found->second.at)});
    }
    return compared;
}

std::vector<Migration> apply_pending(Connection& connection, std::span<const Migration> known) {
    std::vector<Migration> newly;
    for (const auto& each : compare_migrations(connection, known)) {
        if (!each.applied_at && apply(connection, each.migration, known)) newly.push_back(each.migration);
    }
    return newly;
}

history::result<std::vector<AppliedMigration>> migration_status(const std::string& url,
                                                                std::span<const Migration> known) {
    Session session(url);
    return session.call(status_limit,
                        [known](auto& connection) { return compare_migrations(connection, known); });
}

history::result<std::vector<Migration>> migrate(const std::string& url, std::span<const Migration> known) {
    Session session(url);
    return session.call(migrate_limit,
                        [known](auto& connection) { return apply_pending(connection, known); });
}

}  // namespace kurs::postgres
