#include "postgres/quote_writer.hpp"

#include <pqxx/result>

namespace kurs::postgres {
namespace {

/// The last quote of a second stays, whoever writes it and in whatever order, so that copies that write the
/// same second agree. Answers with the count of rows that are new or later, and the minutes whose candles
/// they change.
constexpr auto insert_quotes = R"(
with written as (
    insert into quotes (second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask,
                        leg_prices, leg_observed_at)
    select distinct on (series_id, second) second, recorded_at, observed_at, fresh_until, route_id, series_id,
           bid, value, ask, leg_prices, leg_observed_at
    from jsonb_to_recordset($1::jsonb) as given (
        second timestamptz, recorded_at timestamptz, observed_at timestamptz, fresh_until timestamptz,
        route_id integer, series_id smallint, bid numeric, value numeric, ask numeric,
        leg_prices numeric[], leg_observed_at timestamptz[])
    order by series_id, second, recorded_at desc
    on conflict (series_id, second) do update
    set recorded_at = excluded.recorded_at, observed_at = excluded.observed_at, fresh_until = excluded.fresh_until,
        route_id = excluded.route_id, bid = excluded.bid, value = excluded.value, ask = excluded.ask,
        leg_prices = excluded.leg_prices, leg_observed_at = excluded.leg_observed_at
    where quotes.recorded_at < excluded.recorded_at
    returning series_id, second
), touched as (
    select distinct series_id, date_trunc('minute', second, 'UTC') as start from written
)
select (select count(*) from written), (select jsonb_agg(touched) from touched)
)";

// The candles' own reading is lateral so that it is one short range of the primary key each, whatever the
// planner thinks of the tables' sizes.
constexpr auto upsert_minutes = R"(
insert into minute_candles (series_id, start, open, high, low, close, count)
select touched.series_id, touched.start, candle.*
from jsonb_to_recordset($1::jsonb) as touched (series_id smallint, start timestamptz)
cross join lateral (
    select (array_agg(value order by second))[1], max(value), min(value),
           (array_agg(value order by second desc))[1], count(*)
    from quotes
    where series_id = touched.series_id and value is not null
      and second >= touched.start and second < touched.start + interval '1 minute'
    having count(*) > 0
) as candle
on conflict (series_id, start) do update
set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, count = excluded.count
)";

constexpr auto upsert_hours = R"(
insert into hour_candles (series_id, start, open, high, low, close, count)
select touched.series_id, touched.start, candle.*
from (
    select distinct series_id, date_trunc('hour', start, 'UTC') as start
    from jsonb_to_recordset($1::jsonb) as minutes (series_id smallint, start timestamptz)
) as touched
cross join lateral (
    select (array_agg(open order by start))[1], max(high), min(low),
           (array_agg(close order by start desc))[1], sum(count)
    from minute_candles
    where series_id = touched.series_id
      and start >= touched.start and start < touched.start + interval '1 hour'
    having count(*) > 0
) as candle
on conflict (series_id, start) do update
set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, count = excluded.count
)";

}  // namespace

std::size_t write_quotes(pqxx::transaction_base& transaction, const std::vector<QuoteRow>& rows) {
    const auto written = transaction.exec_params1(insert_quotes, to_document(rows));
    if (!written[1].is_null()) {
        // Statements of their own: a statement does not see the rows that it inserts.
        const std::string minutes = written[1].c_str();
        transaction.exec_params0(upsert_minutes, minutes);
        transaction.exec_params0(upsert_hours, minutes);
    }
    return written[0].as<std::size_t>();
}

}  // namespace kurs::postgres
