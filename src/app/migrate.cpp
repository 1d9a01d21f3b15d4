#include "kurs/app/migrate.hpp"

#include <iostream>

#include "kurs/domain/time_text.hpp"
#include "kurs/postgres/migrations.hpp"

namespace kurs {
namespace {

constexpr int some_pending = 3;

int report(const history::Failure& failure) {
    std::cerr << "kurs: " << failure.text << "\n";
    return 1;
}

}  // namespace

int migrate_database(const std::string& database_url, const std::string& serving_role) {
    const auto applied = postgres::migrate(database_url);
    if (!applied) return report(applied.error());
    for (const auto& migration : *applied) std::cout << "applied " << migration.name << "\n";
    std::cout << "the database is at version " << postgres::migrations().back().version << "\n";
    if (serving_role.empty()) return 0;
    const auto granted = postgres::grant_serving(database_url, serving_role);
    if (!granted) return report(granted.error());
    std::cout << "the role " << serving_role << " can serve, and cannot change the schema\n";
    return 0;
}

int show_migrations(const std::string& database_url) {
    const auto migrations = postgres::migration_status(database_url);
    if (!migrations) return report(migrations.error());
    bool has_pending = false;
    for (const auto& [migration, applied_at] : *migrations) {
        std::cout << migration.name << "  "
                  << (applied_at ? "applied " + to_rfc3339(*applied_at) : std::string("pending")) << "\n";
        has_pending = has_pending || !applied_at;
    }
    return has_pending ? some_pending : 0;
}

}  // namespace kurs
