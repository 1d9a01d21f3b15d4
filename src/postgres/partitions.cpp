#include "postgres/partitions.hpp"

#include <algorithm>
#include <pqxx/result>

#include "kurs/domain/time_text.hpp"

namespace kurs::postgres {
namespace {

std::string date_of(Day day) {
    return to_rfc3339(day).substr(0, 10);
}

/// "quotes_2026_11_23": by name they are in the order of time.
std::string name_of(Day day) {
    auto date = date_of(day);
    std::ranges::replace(date, '-', '_');
    return "quotes_" + date;
}

/// From the catalogue's tables: to_regclass may answer from what this connection knew before it waited for
/// the lock.
std::set<std::string> read_partitions(pqxx::transaction_base& transaction) {
    std::set<std::string> names;
    const auto rows = transaction.exec(
        "select c.relname from pg_inherits as i join pg_class as c on c.oid = i.inhrelid "
        "where i.inhparent = 'quotes'::regclass");
    for (const auto& row : rows) names.insert(row[0].c_str());
    return names;
}

}  // namespace

void make_partitions(pqxx::transaction_base& transaction, const std::set<Day>& days) {
    const auto existing = read_partitions(transaction);
    for (const auto day : days) {
        const auto name = name_of(day);
        if (existing.contains(name)) continue;
        // Not "create table ... partition of", which locks everybody out of all partitions.
        transaction.exec("create table " + name + " (like quotes including defaults including constraints)");
        transaction.exec("alter table quotes attach partition " + name + " for values from ('" +
                         date_of(day) + "T00:00:00Z') to ('" + date_of(day + std::chrono::days(1)) +
                         "T00:00:00Z')");
    }
}

void drop_partitions(pqxx::transaction_base& transaction, Day first_kept) {
    const auto existing = read_partitions(transaction);
    const auto first =
        existing.lower_bound("quotes_0");  // a partition that somebody else attached is not ours
    const auto kept = existing.lower_bound(name_of(first_kept));
    if (first == kept) return;
    transaction.exec("set local lock_timeout = '500ms'");
    for (auto name = first; name != kept; ++name) {
        transaction.exec("drop table " + transaction.quote_name(*name));
    }
    transaction.exec_params("update retention set quotes_from = greatest(quotes_from, $1::timestamptz)",
                            to_rfc3339(first_kept));
}

}  // namespace kurs::postgres
