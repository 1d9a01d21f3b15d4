#pragma once

#include "kurs/postgres/migrations.hpp"
#include "postgres/connection.hpp"

namespace kurs::postgres {

/// What `migrate` and `migration_status` do, on a connection. These throw.
std::vector<Migration> apply_pending(Connection& connection, std::span<const Migration> known);
std::vector<AppliedMigration> compare_migrations(Connection& connection, std::span<const Migration> known);

}  // namespace kurs::postgres
