#pragma once

#include <string>

namespace kurs {

/// Brings the database's schema up to date and says what it did. Returns the exit status.
int migrate_database(const std::string& database_url);

/// Shows which migrations the database has. Exit status 0 if none is pending, 3 if some are, 1 on failure.
int show_migrations(const std::string& database_url);

}  // namespace kurs
