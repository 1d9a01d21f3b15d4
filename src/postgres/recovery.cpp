#include "postgres/recovery.hpp"

#include <algorithm>
#include <pqxx/result>

#include "postgres/quote_row.hpp"
#include "postgres/value_text.hpp"

namespace kurs::postgres {
namespace {

/// Later than the change that it ends, even if no quote was written after that.
constexpr auto insert_missing_change = R"(
insert into active_changes (at, venue, reason)
select last_sign.at, '', 'ended without an orderly stop'
from (select at, venue from active_changes order by at desc, venue desc limit 1) as last_change
cross join lateral (
    select greatest(last_change.at + interval '1 millisecond', max(newest.recorded_at)) as at
    from series cross join lateral (
        select recorded_at from quotes where series_id = series.id order by second desc limit 1
    ) as newest
) as last_sign
where last_change.venue <> '' and last_sign.at < now() - interval '10 seconds'
)";

/// The newest row of each series, where that has a value.
std::string newest_quotes() {
    return "select newest.* from series cross join lateral ("
           "  select " +
           quote_columns() +
           " from named_quotes as q"
           "  where q.series_id = series.id and second > now() - interval '1 day'"
           "  order by second desc limit 1"
           ") as newest order by series.id";
}

}  // namespace

void close_last_spell(pqxx::transaction_base& transaction) {
    transaction.exec(insert_missing_change);
}

Recovered read_recovered(pqxx::transaction_base& transaction) {
    Recovered recovered;
    for (const auto& row : transaction.exec(newest_quotes())) {
        if (auto quote = read_quote(row)) recovered.quotes.push_back(*std::move(quote));
    }
    const auto changes =
        transaction.exec("select " + as_time("at") +
                         ", venue, reason from active_changes order by at desc, venue desc limit 100");
    for (const auto& row : changes) {
        recovered.changes.push_back({read_time(row[0]), row[1].c_str(), row[2].c_str()});
    }
    std::ranges::reverse(recovered.changes);
    return recovered;
}

}  // namespace kurs::postgres
