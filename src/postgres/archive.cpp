#include <algorithm>
#include <nlohmann/json.hpp>
#include <pqxx/result>
#include <pqxx/transaction>
#include <set>

#include "kurs/domain/time_text.hpp"
#include "kurs/postgres/history.hpp"
#include "kurs/postgres/migrations.hpp"
#include "postgres/packs.hpp"
#include "postgres/partitions.hpp"
#include "postgres/reading.hpp"
#include "postgres/session.hpp"

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

/// The candles of seconds in each minute, and of minutes in each hour. Read laterally so that each read is
/// one short range of the primary key, whatever the planner assumes about table sizes. A pack is read once
/// for all of its series.
constexpr auto seconds_of_minutes = R"(
        (select distinct venue, start from touched) as whole cross join lateral (
            select series_id, second as start, 1 as count, value as open, value as high, value as low, value as close
            from all_quotes
            where venue = whole.venue and second >= whole.start and second < whole.start + interval '1 minute'
              and value is not null
            offset 0
        ) as shorter)";
constexpr auto minutes_of_hours = R"(
        touched as whole cross join lateral (
            select * from minute_candles as each
            where each.series_id = whole.series_id and each.start >= whole.start
              and each.start < whole.start + interval '1 hour'
            offset 0
        ) as shorter)";

/// Recomputes the candles of the given minutes; one whose values were all replaced by losses is deleted.
std::string upsert_candles(const std::string& unit, const std::string& shorter_candles) {
    return R"(
with touched as (
    select distinct venue, series_id, date_trunc($2, start, 'UTC') as start
    from jsonb_to_recordset($1::jsonb) as minutes (venue text, series_id smallint, start timestamptz)
), made as (
    select shorter.series_id, whole.start, (array_agg(open order by shorter.start))[1] as open, max(high) as high,
           min(low) as low, (array_agg(close order by shorter.start desc))[1] as close, sum(count) as count
    from )" +
           shorter_candles +
           R"(
    group by shorter.series_id, whole.start
), candles as materialized (
    select series_id, start, open, high, low, close, count from touched left join made using (series_id, start)
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
    from (
        select newest.second + (select max(ms) from unnest(newest.recorded_ms) as ms) * interval '1 millisecond'
        from (select distinct venue from series) as venues cross join lateral (
            select second, recorded_ms from quote_packs where venue = venues.venue order by second desc limit 1
        ) as newest
        union all
        select newest.recorded_at
        from series cross join lateral (
            select recorded_at from unpacked_quotes where series_id = series.id order by second desc limit 1
        ) as newest
    ) as newest (recorded_at)
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
    const auto written = pack_quotes(transaction, document);
    if (written.minutes) {
        transaction.exec_params0(upsert_candles("minute", seconds_of_minutes), *written.minutes, "minute");
        transaction.exec_params0(upsert_candles("hour", minutes_of_hours), *written.minutes, "hour");
    }
    return written.quotes;
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

    history::result<bool> maintain(TimePoint now, Duration limit) override {
        return session_.call(limit,
                             [this, now](Connection& connection) { return maintain(connection, now); });
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

    bool maintain(Connection& connection, TimePoint now) const {
        if (writers_ == Writers::others) return false;
        try {
            drop_old_days(connection, now);
            return pack_some(connection);
        } catch (const pqxx::sql_error& failure) {
            // Lock not available: a reader uses the partition. Retry next time.
            if (failure.sqlstate() != "55P03") throw;
            return false;
        }
    }

    void drop_old_days(Connection& connection, TimePoint now) const {
        Turn turn(connection);
        drop_partitions(turn, now, keep_);
        turn.commit();
    }

    static bool pack_some(Connection& connection) {
        Turn turn(connection);
        const auto is_unfinished = pack_earlier_quotes(turn);
        turn.commit();
        return is_unfinished;
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
