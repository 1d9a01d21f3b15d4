#pragma once

#include <pqxx/transaction_base>
#include <set>

#include "kurs/history/store.hpp"

// Writing of rows. The caller holds Lock::write.
namespace kurs::postgres {

using Day = std::chrono::sys_days;

/// Creates missing partitions of `quotes` without locking out readers or writers.
void make_partitions(pqxx::transaction_base& transaction, const std::set<Day>& days);

/// Drops the partitions of days that are entirely older than `keep`, by the earlier of `now` and the
/// database's clock, and records their removal. Waits for a lock for at most half a second, because later
/// statements queue behind this one.
void drop_partitions(pqxx::transaction_base& transaction, TimePoint now, Duration keep);

/// Writes the rows that are new and not older than `keep`. Recomputes the candles they belong to, from all
/// quotes of the minute and all minutes of the hour. Returns how many rows were new or newer.
std::size_t write_quotes(pqxx::transaction_base& transaction, const MarketMap& map,
                         const std::vector<history::QuoteRecord>& records, Duration keep);

void write_changes(pqxx::transaction_base& transaction, const std::vector<ActiveChange>& changes);

/// If the last change says that a venue is active, but nothing has been written for 10 s after it, the
/// service ended without recording its stop. Writes the missing change.
void end_last_period(pqxx::transaction_base& transaction);

}  // namespace kurs::postgres
