#include "postgres/partitions.hpp"

#include <algorithm>
#include <pqxx/result>

#include "kurs/domain/time_text.hpp"
#include "postgres/reading.hpp"

namespace kurs::postgres {
namespace {

std::string date_of(Day day) {
    return to_rfc3339(day).substr(0, 10);
}

/// Of the table $1. The condition on the name is to be appended. From the catalogue tables: to_regclass may
/// return what this connection cached before it waited for the lock.
constexpr auto select_partitions =
    "select relname from pg_inherits join pg_class on pg_class.oid = inhrelid"
    " where inhparent = $1::regclass and relname ";

void drop(pqxx::transaction_base& transaction, const std::string& partition) {
    // Later statements queue behind this one.
    transaction.exec("set local lock_timeout = '500ms'");
    transaction.exec_params1("select drop_partition($1)", partition);
}

bool drop_older(pqxx::transaction_base& transaction, const PartitionedTable& table, Day first_kept) {
    const auto dropped = transaction.exec_params(
        select_partitions + std::string("between $2 and $3 and relname <> $3 order by relname"), table.name,
        std::string(table.prefix) + "_0", partition_of(table, first_kept));
    for (const auto& row : dropped) drop(transaction, row[0].c_str());
    return !dropped.empty();
}

}  // namespace

std::string partition_of(const PartitionedTable& table, Day day) {
    auto date = date_of(day);
    std::ranges::replace(date, '-', '_');
    return std::string(table.prefix) + "_" + date;
}

void make_partition(pqxx::transaction_base& transaction, Day day) {
    const auto query = select_partitions + std::string("= $2");
    if (!transaction.exec_params(query, packs_table.name, partition_of(packs_table, day)).empty()) return;
    transaction.exec_params1("select make_partition($1::date)", date_of(day));
}

std::optional<Day> newest_partition(pqxx::transaction_base& transaction, const PartitionedTable& table) {
    const auto found =
        transaction.exec_params(select_partitions + std::string("~ $2 order by relname desc limit 1"),
                                table.name, std::string("^") + table.prefix + "_[0-9]{4}_[0-9]{2}_[0-9]{2}$");
    if (found.empty()) return std::nullopt;
    std::string date = std::string(found[0][0].c_str()).substr(std::string_view(table.prefix).size() + 1);
    std::ranges::replace(date, '_', '-');
    const auto begin = parse_rfc3339(date + "T00:00:00Z");
    if (!begin) return std::nullopt;
    return std::chrono::floor<std::chrono::days>(*begin);
}

void drop_partition(pqxx::transaction_base& transaction, const PartitionedTable& table, Day day) {
    drop(transaction, partition_of(table, day));
}

void drop_partitions(pqxx::transaction_base& transaction, TimePoint now, Duration keep) {
    // The earlier clock: a clock that is far ahead must not drop everything.
    const auto query = "select " + as_time("least($1::timestamptz, now()) - $2::interval");
    const auto kept_from = read_time(transaction.exec_params1(query, to_rfc3339(now), as_interval(keep))[0]);
    const auto first_kept = std::chrono::floor<std::chrono::days>(kept_from);
    const bool are_packs_dropped = drop_older(transaction, packs_table, first_kept);
    if (!drop_older(transaction, unpacked_table, first_kept) && !are_packs_dropped) return;
    transaction.exec_params("update retention set quotes_from = greatest(quotes_from, $1::timestamptz)",
                            to_rfc3339(first_kept));
}

}  // namespace kurs::postgres
