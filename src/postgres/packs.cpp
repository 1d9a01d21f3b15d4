#include "postgres/packs.hpp"

#include <algorithm>
#include <pqxx/result>

#include "kurs/domain/time_text.hpp"
#include "postgres/partitions.hpp"
#include "postgres/reading.hpp"

namespace kurs::postgres {
namespace {

/// A step must be short, because writers wait for it.
constexpr int most_rows_in_step = 5'000;

/// Seconds and ends of ranges are parameters, so that the planner reads the partitions of these days only.
///
/// `arrived`: rows of the document and, of the same venues and seconds, those that an earlier version wrote.
constexpr auto given_rows = R"(
with given as (
    select second, recorded_at, observed_at, fresh_until, routes.id as route_id, series.id as series_id, bid, value,
           ask, leg_prices, leg_observed_at, venue
    from jsonb_to_recordset($3::jsonb) as given (
        venue text, direction text, second timestamptz, recorded_at timestamptz, observed_at timestamptz,
        fresh_until timestamptz, bid numeric, value numeric, ask numeric, legs jsonb, leg_prices numeric[],
        leg_observed_at timestamptz[])
    join series using (venue, direction)
    left join routes using (legs)
), touched as (
    select distinct venue, second from given
), moved as (
    delete from unpacked_quotes as q using touched join series using (venue)
    where q.series_id = series.id and q.second = touched.second
      and q.second >= $1::timestamptz and q.second < $2::timestamptz
    returning q.second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask, leg_prices,
              leg_observed_at, venue
), arrived as (
    select true as is_given, false as is_packed, * from given union all select false, false, * from moved
))";

/// `arrived`: the rows that an earlier version wrote.
constexpr auto moved_rows = R"(
with moved as (
    delete from unpacked_quotes as q using series
    where q.series_id = series.id and q.second >= $1::timestamptz and q.second < $2::timestamptz
    returning q.second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask, leg_prices,
              leg_observed_at, venue
), touched as (
    select distinct venue, second from moved
), arrived as (
    select false as is_given, false as is_packed, * from moved
))";

/// Merges `arrived` into the packs of the venues and seconds that are `touched`. Of rows that were recorded
/// at the same time, the packed one wins, so that writing a row again changes nothing. Returns the count of
/// given rows that won, and the minutes whose candles they change.
constexpr auto merge_arrived = R"(, quote as (
    select distinct on (series_id, second) *
    from (
        select * from arrived
        union all
        select false, true, packed.*
        from touched cross join lateral (
            select * from packed_quotes as p
            where p.venue = touched.venue and p.second = touched.second
              and p.second >= $1::timestamptz and p.second < $2::timestamptz
            offset 0
        ) as packed
    ) as candidate
    order by series_id, second, recorded_at desc, is_packed desc, is_given
), part as (  -- a quote itself, 0, and its legs
    select venue, second, series_id, 0 as number, bid, ask,
           nullif(value, trunc((bid + ask) * 0.5, 18)) as mid, observed_at
    from quote where value is not null
    union all
    select venue, second, series_id, number, leg_prices[2 * number - 1], leg_prices[2 * number], null,
           leg_observed_at[number]
    from quote cross join generate_series(1, cardinality(leg_observed_at)) as number
), placed as (
    select *, dense_rank() over (partition by venue, second order by bid, ask, mid, observed_at)::smallint as place
    from part
), stored as (
    select venue, second, array_agg(array[bid, ask] order by place) as prices,
           case when count(mid) > 0 then array_agg(mid order by place) end as mids,
           array_agg(observed_at order by place) as observed_at
    from (select distinct on (venue, second, place) * from placed order by venue, second, place) as once
    group by venue, second
), places as (
    select venue, second, series_id, array_agg(place order by number) as found
    from placed group by venue, second, series_id
), sized as (
    select quote.*, coalesce(found, '{}') as found,
           greatest(1, max(cardinality(found)) over (partition by venue, second)) as width
    from quote left join places using (venue, second, series_id)
), pack as (
    select second, venue, array_agg(series_id order by series_id) as series,
           array_agg(floor(extract(milliseconds from recorded_at - second))::smallint order by series_id) as recorded_ms,
           array_agg(route_id order by series_id) as routes,
           array_agg(fresh_until order by series_id) as fresh_until,
           array_agg(found || array_fill(0::smallint, array[width - cardinality(found)]) order by series_id) as places
    from sized group by venue, second having not bool_and(is_packed)
), written as (
    insert into quote_packs (second, venue, series, recorded_ms, routes, fresh_until, places, prices, mids,
                             observed_at)
    select second, venue, series, recorded_ms, routes, fresh_until, places, prices, mids, observed_at
    from pack left join stored using (venue, second)
    order by second, venue
    on conflict (venue, second) do update
    set series = excluded.series, recorded_ms = excluded.recorded_ms, routes = excluded.routes,
        fresh_until = excluded.fresh_until, places = excluded.places, prices = excluded.prices,
        mids = excluded.mids, observed_at = excluded.observed_at
), changed as (
    select distinct venue, series_id, date_trunc('minute', second, 'UTC') as start from quote where is_given
)
select (select count(*) from quote where is_given), (select jsonb_agg(changed) from changed)
)";

/// The range of the seconds in the document.
constexpr auto select_range = R"(
select min(second), max(second) + interval '1 second' from jsonb_to_recordset($1::jsonb) as given (second timestamptz)
)";

/// From the day's first second with a row of an earlier version, as many seconds as have at most $3 rows.
constexpr auto select_step = R"(
select min(first.second),
       least($2::timestamptz, min(first.second) + greatest(1, $3::integer / count(*)) * interval '1 second')
from series left join lateral (
    select second from unpacked_quotes
    where series_id = series.id and second >= $1::timestamptz and second < $2::timestamptz
    order by second limit 1
) as first on true
)";

}  // namespace

PackedQuotes pack_quotes(pqxx::transaction_base& transaction, const std::string& document) {
    const auto range = transaction.exec_params1(select_range, document);
    const auto written = transaction.exec_params1(given_rows + std::string(merge_arrived), range[0].c_str(),
                                                  range[1].c_str(), document);
    PackedQuotes packed{written[0].as<std::size_t>(), std::nullopt};
    if (!written[1].is_null()) packed.minutes = written[1].c_str();
    return packed;
}

bool pack_earlier_quotes(pqxx::transaction_base& transaction) {
    const auto day = newest_partition(transaction, unpacked_table);
    if (!day) return false;
    const auto step = transaction.exec_params1(select_step, to_rfc3339(*day),
                                               to_rfc3339(*day + std::chrono::days(1)), most_rows_in_step);
    if (step[0].is_null()) {
        drop_partition(transaction, unpacked_table, *day);
        return true;
    }
    make_partition(transaction, *day);
    transaction.exec_params1(moved_rows + std::string(merge_arrived), step[0].c_str(), step[1].c_str());
    return true;
}

}  // namespace kurs::postgres
