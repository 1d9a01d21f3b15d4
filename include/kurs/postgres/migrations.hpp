#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/history/store.hpp"

namespace kurs::postgres {

/// A file of migrations/, embedded in the binary.
struct Migration {
    int version = 0;        ///< the number at the beginning of the file name; consecutive from 1
    std::string_view name;  ///< "0001_history.sql"
    std::string_view sql;
    std::string_view checksum;  ///< SHA-256 of the file, in hexadecimal
};

/// The migrations of this build, in order.
std::span<const Migration> migrations();

struct AppliedMigration {
    Migration migration;
    std::optional<TimePoint> applied_at;  ///< none: pending
};

/// The status of each migration in the database. Fails if the database has an unknown migration, or a known
/// one with another checksum.
history::result<std::vector<AppliedMigration>> migration_status(
    const std::string& url, std::span<const Migration> known = migrations());

/// Applies pending migrations, each in its own transaction under an advisory lock, so that replicas that
/// start together apply each once. Returns those that this call applied. Fails as `migration_status` does.
history::result<std::vector<Migration>> migrate(const std::string& url,
                                                std::span<const Migration> known = migrations());

/// Gives the role what serving the history and quotes takes, and takes every other right on tables from it.
/// `url` is of the schema's owner, and the schema is up to date. Fails if the role could still change the
/// schema.
history::result<void> grant_serving(const std::string& url, const std::string& role);

/// The same on an open connection. These throw.
class Connection;
std::vector<AppliedMigration> compare_migrations(Connection& connection, std::span<const Migration> known);
std::vector<Migration> apply_pending(Connection& connection, std::span<const Migration> known);

}  // namespace kurs::postgres
