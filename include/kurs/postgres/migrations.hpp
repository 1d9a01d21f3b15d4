#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/store/archive.hpp"

namespace kurs::postgres {

/// A file of migrations/, as it travels in the binary.
struct Migration {
    int version = 0;        ///< the number that the file's name begins with; they count from 1 without a gap
    std::string_view name;  ///< "0001_history.sql"
    std::string_view sql;
    std::string_view checksum;  ///< SHA-256 of the file, in hexadecimal
};

/// Those of this build, in order.
std::span<const Migration> migrations();

struct AppliedMigration {
    Migration migration;
    std::optional<TimePoint> applied_at;  ///< none: pending
};

/// Which of the migrations the database has. Fails if the database has one that is not known, or knows one
/// with another checksum.
store_result<std::vector<AppliedMigration>> migration_status(const std::string& url,
                                                             std::span<const Migration> known = migrations());

/// Applies what is pending, each in a transaction of its own under an advisory lock, so that copies that
/// start together apply each once. Returns those that this call applied. Fails as `migration_status` does.
store_result<std::vector<Migration>> migrate(const std::string& url,
                                             std::span<const Migration> known = migrations());

}  // namespace kurs::postgres
