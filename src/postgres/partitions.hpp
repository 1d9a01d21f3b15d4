#pragma once

#include <chrono>
#include <pqxx/transaction_base>
#include <set>

namespace kurs::postgres {

using Day = std::chrono::sys_days;

/// Makes those partitions of `quotes` that are missing, without locking readers or writers out. The caller
/// holds Lock::write.
void make_partitions(pqxx::transaction_base& transaction, const std::set<Day>& days);

/// Drops the partitions of days before `first_kept` and writes down that they are gone. The caller holds
/// Lock::write. Waits for nobody for longer than half a second: whoever comes later queues behind us.
void drop_partitions(pqxx::transaction_base& transaction, Day first_kept);

}  // namespace kurs::postgres
