#include <algorithm>
#include <nlohmann/json.hpp>
#include <pqxx/result>
#include <pqxx/transaction>
#include <set>

#include "kurs/domain/time_text.hpp"
#include "kurs/postgres/history.hpp"
#include "kurs/postgres/migrations.hpp"
#include "postgres/reading.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

using nlohmann::json;
using Day = std::chrono::sys_days;

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

/// Recomputes the candles of the given minutes; one whose values were all replaced by losses is deleted.
/// Their values are read laterally so that each read is one short range of the primary key, whatever the
/// planner assumes about table sizes.
std::string upsert_candles(const std::string& unit, const std::string& shorter_candles) {
    return R"(
with touched as (
    select distinct series_id, date_trunc($2, start, 'UTC') as start
    from jsonb_to_recordset($1::jsonb) as minutes (series_id smallint, start timestamptz)
), candles as materialized (
    select touched.series_id, touched.start, candle.*
    from touched cross join lateral (
        select (array_agg(open order by start))[1], max(high), min(low),
               (array_agg(close order by start desc))[1], sum(count) as count
        from )" +
           shorter_candles + R"( as shorter
        where shorter.series_id = touched.series_id
          and shorter.start >= touched.start and shorter.start < touched.start + ('1 ' || $2)::interval
    ) as candle
), emptied as (
    delete from )" +
           unit + R"(_candles as old using candles
    where candles.count is null and old.series_id = candles.series_id and old.start = candles.start
)
insert into )" +
           unit + R"(_candles (series_id, start, open, high, low, close, count)
select * from candles where count is not null
on conflict (series_id, start) do update
set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, count = excluded.count
)";
}

constexpr auto insert_change =
    "insert into active_changes (at, venue, reason) values ($1::timestamptz, $2, $3) on conflict do nothing";

/// If the last change says that a venue is active, but nothing was written for 10 s after it, the service
/// ended without recording its stop. The missing change is later than the one that it ends, even if no quote
/// was written after that.
constexpr auto end_last_period = R"(
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

/// For jsonb_to_recordset. Prices and times are strings, so none of them passes through a double.
json to_json(const history::QuoteRecord& record, const MarketMap& map) {
    json row{{"venue", map.name(record.venue)},
             {"direction", map.direction(record.direction).text()},
             {"second", to_rfc3339(start_of(CandleInterval::second, record.recorded_at))},
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

std::string date_of(Day day) {
    return to_rfc3339(day).substr(0, 10);
}

/// "quotes_2026_11_23": name order is time order.
std::string partition_of(Day day) {
    auto date = date_of(day);
    std::ranges::replace(date, '-', '_');
    return "quotes_" + date;
}

/// The condition on the name is to be appended. From the catalogue tables: to_regclass may return what this
/// connection cached before it waited for the lock.
constexpr auto select_partitions =
    "select relname from pg_inherits join pg_class on pg_class.oid = inhrelid"
    " where inhparent = 'quotes'::regclass and relname ";

/// Locks out neither readers nor writers.
void make_partition(pqxx::transaction_base& transaction, Day day) {
    const auto name = partition_of(day);
    if (!transaction.exec_params(select_partitions + std::string("= $1"), name).empty()) return;
    // Not "create table ... partition of", which locks all partitions.
    transaction.exec("create table " + name + " (like quotes including defaults including constraints)");
    transaction.exec("alter table quotes attach partition " + name + " for values from ('" + date_of(day) +
                     "T00:00:00Z') to ('" + date_of(day + std::chrono::days(1)) + "T00:00:00Z')");
}

/// Drops the partitions of days that are entirely older than `keep`, and records their removal.
void drop_partitions(pqxx::transaction_base& transaction, TimePoint now, Duration keep) {
    // The earlier clock: a clock that is far ahead must not drop everything.
    const auto query = "select " + as_time("least($1::timestamptz, now()) - $2::interval");
    const auto kept_from = read_time(transaction.exec_params1(query, to_rfc3339(now), as_interval(keep))[0]);
    const auto first_kept = std::chrono::floor<std::chrono::days>(kept_from);
    // A partition that others attached is not ours.
    const auto dropped = transaction.exec_params(
        select_partitions + std::string("between 'quotes_0' and $1 and relname <> $1 order by relname"),
        partition_of(first_kept));
    if (dropped.empty()) return;
    // Later statements queue behind this one.
    transaction.exec("set local lock_timeout = '500ms'");
    for (const auto& row : dropped) transaction.exec("drop table " + transaction.quote_name(row[0].c_str()));
    transaction.exec_params("update retention set quotes_from = greatest(quotes_from, $1::timestamptz)",
                            to_rfc3339(first_kept));
}

/// Writes the rows that are new and not older than `keep`, and recomputes their candles. Returns how many
/// rows were new or newer.
std::size_t write_quotes(pqxx::transaction_base& transaction, const MarketMap& map,
                         const std::vector<history::QuoteRecord>& records, Duration keep) {
    // Older rows are not written, because quotes around them may have been deleted.
    const auto query = "select " + as_time("greatest(quotes_from, now() - $1::interval)") + " from retention";
    const auto kept_from = read_time(transaction.exec_params1(query, as_interval(keep))[0]);
    auto rows = json::array();
    std::set<Day> days;
    for (const auto& record : records) {
        if (start_of(CandleInterval::second, record.recorded_at) < kept_from) continue;
        rows.push_back(to_json(record, map));
        days.insert(std::chrono::floor<std::chrono::days>(record.recorded_at));
    }
    if (rows.empty()) return 0;
    for (const auto day : days) make_partition(transaction, day);
    const auto document = rows.dump();
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

class PostgresArchive : public history::Archive {
public:
    PostgresArchive(const std::string& url, const MarketMap& map, Duration keep, Writers writers)
        : session_(url), map_(map), keep_(keep), writers_(writers) {}

    history::result<history::Recovered> open(Duration limit) override {
        return session_.call(limit, [this](Connection& connection) { return open(connection); });
    }

    history::result<std::size_t> save(const history::Batch& batch, Duration limit) override {
        return session_.call(limit, [this, &batch](Connection& connection) {
            Turn turn(connection);
            for (const auto& [at, venue, reason] : batch.changes)
                turn.exec_params0(insert_change, to_rfc3339(at), venue.value_or(no_venue), reason);
            const auto written = write_quotes(turn, map_, batch.quotes, keep_);
            turn.commit();
            return written;
        });
    }

    history::result<void> maintain(TimePoint now, Duration limit) override {
        return session_.call(limit, [this, now](Connection& connection) { maintain(connection, now); });
    }

    void interrupt() override { session_.interrupt(); }

private:
    history::Recovered open(Connection& connection) {
        if (writers_ == Writers::others) return open_to_read(connection);
        apply_pending(connection, migrations());
        Turn turn(connection);
        // Only after a restart of the service: when the database returns while the service runs, nothing has
        // ended.
        if (!has_opened_ && writers_ == Writers::one) turn.exec(end_last_period);
        auto recovered = read_recovered(turn, map_);
        turn.commit();
        has_opened_ = true;
        return recovered;
    }

    history::Recovered open_to_read(Connection& connection) const {
        for (const auto& each : compare_migrations(connection, migrations())) {
            if (!each.applied_at)
                throw Unfit(
                    "migration " + std::string(each.migration.name) +
                    " is pending, and HISTORY=read applies none: start a replica that writes history, or run "
                    "kurs migrate");
        }
        Bounded<pqxx::read_transaction> transaction(connection);
        return read_recovered(transaction, map_);
    }

    void maintain(Connection& connection, TimePoint now) {
        if (writers_ == Writers::others) return;
        try {
            Turn turn(connection);
            drop_partitions(turn, now, keep_);
            turn.commit();
        } catch (const pqxx::sql_error& failure) {
            // Lock not available: a reader uses the partition. Retry next time.
            if (failure.sqlstate() != "55P03") throw;
        }
    }

    Session session_;
    const MarketMap& map_;
    const Duration keep_;
    const Writers writers_;
    bool has_opened_ = false;
};

}  // namespace

std::unique_ptr<history::Archive> make_archive(const std::string& url, const MarketMap& map, Duration keep,
                                               Writers writers) {
    return std::make_unique<PostgresArchive>(url, map, keep, writers);
}

}  // namespace kurs::postgres
