#include "kurs/postgres/migrations.hpp"

#include <pqxx/result>
#include <pqxx/transaction>

#include "postgres/reading.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

using namespace std::chrono_literals;

constexpr auto create_table = R"(
create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
))";

std::vector<AppliedMigration> read_status(pqxx::transaction_base& transaction,
                                          std::span<const Migration> known) {
    std::vector<AppliedMigration> status;
    for (const auto& migration : known) status.push_back({migration, std::nullopt});
    if (transaction.exec1("select to_regclass('schema_migrations')")[0].is_null()) return status;
    const auto rows = transaction.exec("select version, checksum, " + as_time("applied_at") +
                                       " from schema_migrations order by version desc");
    for (const auto& row : rows) {
        const auto version = row[0].as<std::size_t>();
        if (version > known.size()) {
            throw Unfit("the database is at version " + std::to_string(version) +
                        ", newer than this build, which knows 1 to " + std::to_string(known.size()) +
                        ": run the build that migrated it, or a later one");
        }
        auto& [migration, applied_at] = status.at(version - 1);
        if (row[1].c_str() != migration.checksum) {
            throw Unfit("the file " + std::string(migration.name) +
                        " was changed after it was applied to this database: undo the change and put it "
                        "into a migration of its own");
        }
        applied_at = read_time(row[2]);
    }
    return status;
}

void check_rights(pqxx::transaction_base& transaction, const Migration& migration) {
    const auto may_create = "select coalesce(has_schema_privilege(current_schema(), 'create'), true)";
    if (transaction.exec1(may_create)[0].as<bool>()) return;
    throw Unfit("migration " + std::string(migration.name) +
                " is pending, and this role may not change the schema: run kurs migrate with the role that "
                "owns it");
}

void apply(pqxx::transaction_base& transaction, const Migration& migration) {
    const std::string name(migration.name);
    try {
        transaction.exec(std::string(migration.sql));
    } catch (const pqxx::sql_error& failure) {
        throw pqxx::sql_error("migration " + name + " failed: " + first_line(failure.what()), "",
                              failure.sqlstate().c_str());
    }
    transaction.exec_params0("insert into schema_migrations (version, name, checksum) values ($1, $2, $3)",
                             migration.version, name, std::string(migration.checksum));
}

}  // namespace

std::vector<AppliedMigration> compare_migrations(Connection& connection, std::span<const Migration> known) {
    Bounded<pqxx::read_transaction> transaction(connection);
    return read_status(transaction, known);
}

std::vector<Migration> apply_pending(Connection& connection, std::span<const Migration> known) {
    std::vector<Migration> newly;
    for (const auto& [migration, applied_at] : compare_migrations(connection, known)) {
        if (applied_at) continue;
        Turn turn(connection);
        turn.exec("set local statement_timeout = '10min'");
        check_rights(turn, migration);
        turn.exec(create_table);
        // Another replica may have applied it during the wait.
        const auto index = static_cast<std::size_t>(migration.version) - 1;
        if (read_status(turn, known).at(index).applied_at) continue;
        apply(turn, migration);
        turn.commit();
        newly.push_back(migration);
    }
    return newly;
}

history::result<std::vector<AppliedMigration>> migration_status(const std::string& url,
                                                                std::span<const Migration> known) {
    return Session(url).call(
        10s, [known](Connection& connection) { return compare_migrations(connection, known); });
}

history::result<std::vector<Migration>> migrate(const std::string& url, std::span<const Migration> known) {
    return Session(url).call(10min,
                             [known](Connection& connection) { return apply_pending(connection, known); });
}

}  // namespace kurs::postgres
