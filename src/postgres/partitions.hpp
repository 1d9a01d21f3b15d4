#pragma once

#include <chrono>
#include <optional>
#include <pqxx/transaction_base>
#include <string>

#include "kurs/domain/time.hpp"

// The partitions of quotes: one for each day (UTC). Names of partitions that others attached are not ours.
namespace kurs::postgres {

using Day = std::chrono::sys_days;

struct PartitionedTable {
    const char* name;
    const char* prefix;  ///< of the partitions' names
};

inline constexpr PartitionedTable packs_table{"quote_packs", "quote_packs"};
inline constexpr PartitionedTable unpacked_table{"unpacked_quotes", "quotes"};

/// "quotes_2026_11_23": name order is time order.
std::string partition_of(const PartitionedTable& table, Day day);

/// Makes the partition of `packs_table`. Locks out neither readers nor writers.
void make_partition(pqxx::transaction_base& transaction, Day day);

/// The newest day that the table has a partition for.
std::optional<Day> newest_partition(pqxx::transaction_base& transaction, const PartitionedTable& table);

/// Throws if the partition is being read.
void drop_partition(pqxx::transaction_base& transaction, const PartitionedTable& table, Day day);

/// Drops the partitions of days that are entirely older than `keep`, and records their removal. Throws if one
/// is being read.
void drop_partitions(pqxx::transaction_base& transaction, TimePoint now, Duration keep);

}  // namespace kurs::postgres
