#include "postgres/writing.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pqxx/result>

#include "kurs/domain/time_text.hpp"
#include "postgres/reading.hpp"

namespace kurs::postgres {
namespace {

using nlohmann::json;

// Names get numbers before the rows that use them: a statement does not see rows that it inserts itself.
constexpr auto insert_series = R"(
insert into series (venue, direction)
select venue, direction from jsonb_to_recordset($1::jsonb) as given (venue text, direction text)
except select venue, direction from series
)";

constexpr auto insert_routes = R"(
insert into routes (legs)
select legs from jsonb_to_recordset($1::jsonb) as given (legs jsonb) where legs is not null
except select legs from routes
)";

/// The last quote of a second wins, whichever replica writes it and in whatever order, so that replicas that
/// write the same second agree. Returns the count of rows that are new or newer, and the minutes whose
/// candles they change.
constexpr auto insert_quotes = R"(
with written as (
    insert into quotes (second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask,
                        leg_prices, leg_observed_at)
    select distinct on (series.id, second) second, recorded_at, observed_at, fresh_until, routes.id, series.id,
           bid, value, ask, leg_prices, leg_observed_at
    from jsonb_to_recordset($1::jsonb) as given (
        venue text, direction text, second timestamptz, recorded_at timestamptz, observed_at timestamptz,
        fresh_until timestamptz, bid numeric, value numeric, ask numeric, legs jsonb, leg_prices numeric[],
        leg_observed_at timestamptz[])
    join series using (venue, direction)
    left join routes using (legs)
    order by series.id, second, recorded_at desc
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

/// Recomputes the candles of the given minutes. Their values are read laterally so that each read is one
/// short range of the primary key, whatever the planner assumes about table sizes.
std::string upsert_candles(const std::string& unit, const std::string& shorter_candles) {
    return R"(
with touched as (
    select distinct series_id, date_trunc($2, start, 'UTC') as start
    from jsonb_to_recordset($1::jsonb) as minutes (series_id smallint, start timestamptz)
)
insert into )" +
           unit + R"(_candles (series_id, start, open, high, low, close, count)
select touched.series_id, touched.start, candle.*
from touched cross join lateral (
    select (array_agg(open order by start))[1], max(high), min(low),
           (array_agg(close order by start desc))[1], sum(count)
    from )" +
           shorter_candles + R"( as shorter
    where shorter.series_id = touched.series_id
      and shorter.start >= touched.start and shorter.start < touched.start + ('1 ' || $2)::interval
    having count(*) > 0
) as candle
on conflict (series_id, start) do update
set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, count = excluded.count
)";
}

constexpr auto insert_changes = R"(
insert into active_changes (at, venue, reason)
select at, venue, reason
from jsonb_to_recordset($1::jsonb) as given (at timestamptz, venue text, reason text)
on conflict do nothing
)";

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

auto second_of(const history::QuoteRecord& record) {
    return std::chrono::floor<std::chrono::seconds>(record.recorded_at);
}

std::string dump(const json& document) {
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// For jsonb_to_recordset. Prices and times are strings, so none of them passes through a double.
json to_json(const history::QuoteRecord& record, const MarketMap& map) {
    json row{{"venue", map.name(record.venue)},
             {"direction", map.direction(record.direction).text()},
             {"second", to_rfc3339(second_of(record))},
             {"recorded_at", to_rfc3339(record.recorded_at)}};
    if (!record.quote) return row;
    const auto& quote = *record.quote;
    row["observed_at"] = to_rfc3339(quote.observed_at);
    row["fresh_until"] = to_rfc3339(quote.fresh_until);
    row["bid"] = to_string(quote.bid);
    row["value"] = to_string(quote.value);
    row["ask"] = to_string(quote.ask);
    auto& legs = row["legs"] = json::array();
    auto& prices = row["leg_prices"] = json::array();
    auto& times = row["leg_observed_at"] = json::array();
    for (const auto& leg : quote.legs) {
        const auto& symbol = map.symbol(leg.symbol);
        legs.push_back(
            {{"venue", map.name(symbol.venue)}, {"symbol", symbol.name}, {"inverted", leg.inverted}});
        prices.push_back(to_string(leg.bid));
        prices.push_back(to_string(leg.ask));
        times.push_back(to_rfc3339(leg.observed_at));
    }
    return row;
}

/// Older rows are not written, because quotes around them may have been deleted.
TimePoint read_kept_from(pqxx::transaction_base& transaction, Duration keep) {
    const auto query = "select " + as_time("greatest(quotes_from, now() - $1::interval)") + " from retention";
    return read_time(transaction.exec_params1(query, as_interval(keep))[0]);
}

std::string date_of(Day day) {
    return to_rfc3339(day).substr(0, 10);
}

/// "quotes_2026_11_23": name order is time order.
std::string partition_of(Day day) {
    auto date = date_of(day);
    std::ranges::replace(date, '-', '_');
    return "quotes_" + date;
}

/// From the catalogue tables: to_regclass may return what this connection cached before it waited for the
/// lock.
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
        const auto name = partition_of(day);
        if (existing.contains(name)) continue;
        // Not "create table ... partition of", which locks all partitions.
        transaction.exec("create table " + name + " (like quotes including defaults including constraints)");
        transaction.exec("alter table quotes attach partition " + name + " for values from ('" +
                         date_of(day) + "T00:00:00Z') to ('" + date_of(day + std::chrono::days(1)) +
                         "T00:00:00Z')");
    }
}

void drop_partitions(pqxx::transaction_base& transaction, TimePoint now, Duration keep) {
    // The earlier clock: a clock that is far ahead must not drop everything.
    const auto query = "select " + as_time("least($1::timestamptz, now()) - $2::interval");
    const auto kept_from = read_time(transaction.exec_params1(query, to_rfc3339(now), as_interval(keep))[0]);
    const auto first_kept = std::chrono::floor<std::chrono::days>(kept_from);
    const auto existing = read_partitions(transaction);
    const auto first = existing.lower_bound("quotes_0");  // a partition attached by others is not ours
    const auto kept = existing.lower_bound(partition_of(first_kept));
    if (first == kept) return;
    transaction.exec("set local lock_timeout = '500ms'");
    for (auto name = first; name != kept; ++name) {
        transaction.exec("drop table " + transaction.quote_name(*name));
    }
    transaction.exec_params("update retention set quotes_from = greatest(quotes_from, $1::timestamptz)",
                            to_rfc3339(first_kept));
}

std::size_t write_quotes(pqxx::transaction_base& transaction, const MarketMap& map,
                         const std::vector<history::QuoteRecord>& records, Duration keep) {
    const auto kept_from = read_kept_from(transaction, keep);
    auto rows = json::array();
    std::set<Day> days;
    for (const auto& record : records) {
        if (second_of(record) < kept_from) continue;
        rows.push_back(to_json(record, map));
        days.insert(std::chrono::floor<std::chrono::days>(record.recorded_at));
    }
    if (rows.empty()) return 0;
    make_partitions(transaction, days);
    const auto document = dump(rows);
    transaction.exec_params0(insert_series, document);
    transaction.exec_params0(insert_routes, document);
    const auto written = transaction.exec_params1(insert_quotes, document);
    if (!written[1].is_null()) {
        const std::string minutes = written[1].c_str();
        transaction.exec_params0(upsert_candles("minute", "second_candles"), minutes, "minute");
        transaction.exec_params0(upsert_candles("hour", "minute_candles"), minutes, "hour");
    }
    return written[0].as<std::size_t>();
}

void write_changes(pqxx::transaction_base& transaction, const std::vector<ActiveChange>& changes) {
    if (changes.empty()) return;
    auto rows = json::array();
    for (const auto& change : changes) {
        rows.push_back({{"at", to_rfc3339(change.at)},
                        {"venue", change.venue.value_or(no_venue)},
                        {"reason", change.reason}});
    }
    transaction.exec_params0(insert_changes, dump(rows));
}

void end_last_period(pqxx::transaction_base& transaction) {
    transaction.exec(insert_missing_change);
}

}  // namespace kurs::postgres
