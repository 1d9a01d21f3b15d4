#pragma once

#include <string>

namespace kurs {

/// Upgrades the database schema and prints what was applied. Lets `serving_role` serve, unless it is empty.
/// Returns the exit status.
int migrate_database(const std::string& database_url, const std::string& serving_role);

/// Prints the status of each migration. Exit status 0 if none is pending, 3 if some are, 1 on failure.
int show_migrations(const std::string& database_url);

}  // namespace kurs
