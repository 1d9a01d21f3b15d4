#include <pqxx/result>
#include <pqxx/transaction>

#include "kurs/domain/time_text.hpp"
#include "kurs/postgres/history.hpp"
#include "postgres/failure.hpp"
#include "postgres/locks.hpp"
#include "postgres/migrator.hpp"
#include "postgres/names.hpp"
#include "postgres/partitions.hpp"
#include "postgres/quote_writer.hpp"
#include "postgres/recovery.hpp"
#include "postgres/session.hpp"
#include "postgres/value_text.hpp"

namespace kurs::postgres {
namespace {

using namespace std::chrono_literals;

constexpr Duration open_limit = 10min;  // migrations included
constexpr Duration save_limit = 30s;
constexpr auto lock_not_available = "55P03";

auto second_of(const QuoteRecord& record) {
    return std::chrono::floor<std::chrono::seconds>(record.recorded_at);
}

std::string interval_of(Duration duration) {
    return std::to_string(duration.count()) + " milliseconds";
}

/// What is older is not written any more, as the quotes around it may be gone.
TimePoint read_kept_from(pqxx::transaction_base& transaction, Duration keep) {
    const auto query = "select " + as_time("greatest(quotes_from, now() - $1::interval)") + " from retention";
    return read_time(transaction.exec_params1(query, interval_of(keep))[0]);
}

/// By the earlier of two clocks: one that is far ahead must not drop everything.
Day first_kept_day(pqxx::transaction_base& transaction, TimePoint now, Duration keep) {
    const auto query = "select " + as_time("least($1::timestamptz, now()) - $2::interval");
    const auto kept_from = read_time(transaction.exec_params1(query, to_rfc3339(now), interval_of(keep))[0]);
    return std::chrono::floor<std::chrono::days>(kept_from);
}

void make_next_partitions(pqxx::transaction_base& transaction, TimePoint now) {
    const auto today = std::chrono::floor<std::chrono::days>(now);
    make_partitions(transaction, {today, today + std::chrono::days(1), today + std::chrono::days(2)});
}

void write_changes(pqxx::transaction_base& transaction, const std::vector<ActiveChange>& changes) {
    if (changes.empty()) return;
    transaction.exec_params0(
        "insert into active_changes (at, venue, reason) select at, venue, reason "
        "from jsonb_to_recordset($1::jsonb) as given (at timestamptz, venue text, reason text) "
        "on conflict do nothing",
        to_document(changes));
}

/// Does the job in a transaction of its own, when no other writer has one open.
template <class Job>
auto in_turn(Connection& connection, Job job) {
    Bounded<pqxx::work> transaction(connection);
    take_lock(transaction, Lock::write);
    if constexpr (std::is_void_v<std::invoke_result_t<Job&, pqxx::work&>>) {
        job(transaction);
        transaction.commit();
    } else {
        auto done = job(transaction);
        transaction.commit();
        return done;
    }
}

class PostgresArchive : public Archive {
public:
    PostgresArchive(const std::string& url, const MarketMap& map, Duration keep, Writers writers)
        : session_(url), keep_(keep), writers_(writers), names_(map) {}

    store_result<Recovered> open() override {
        return call(open_limit, [this](Connection& connection) { return open(connection); });
    }

    store_result<std::size_t> save(const Batch& batch) override {
        return call(save_limit, [this, &batch](Connection& connection) { return save(connection, batch); });
    }

    store_result<void> maintain(TimePoint now) override {
        return call(save_limit, [this, now](Connection& connection) { maintain(connection, now); });
    }

    void interrupt() override { session_.interrupt(); }

private:
    template <class Job>
    auto call(Duration limit, Job job) -> store_result<std::invoke_result_t<Job&, Connection&>> {
        auto done = session_.call(limit, std::move(job));
        if (!done) names_.forget();
        return done;
    }

    Recovered open(Connection& connection) {
        if (writers_ == Writers::others) return open_to_read(connection);
        apply_pending(connection, migrations());
        auto recovered = in_turn(connection, [this](pqxx::work& transaction) {
            // Only what an earlier run left: when the database comes back to a service that runs, nothing has
            // ended.
            if (!has_opened_ && writers_ == Writers::one) close_last_spell(transaction);
            make_next_partitions(transaction, read_time(transaction.exec1("select " + as_time("now()"))[0]));
            return read_recovered(transaction);
        });
        has_opened_ = true;
        return recovered;
    }

    static Recovered open_to_read(Connection& connection) {
        for (const auto& each : compare_migrations(connection, migrations())) {
            if (!each.applied_at)
                throw Unfit("migration " + std::string(each.migration.name) +
                            " is pending, and HISTORY=read applies none: start a replica that writes, or run "
                            "kurs migrate");
        }
        pqxx::read_transaction transaction(connection);
        return read_recovered(transaction);
    }

    std::size_t save(Connection& connection, const Batch& batch) {
        return in_turn(connection, [this, &batch](pqxx::work& transaction) {
            const auto rows = rows_to_write(transaction, batch.quotes);
            write_changes(transaction, batch.changes);
            return rows.empty() ? 0 : write_quotes(transaction, rows);
        });
    }

    std::vector<QuoteRow> rows_to_write(pqxx::transaction_base& transaction,
                                        const std::vector<QuoteRecord>& records) {
        const auto kept_from = read_kept_from(transaction, keep_);
        std::vector<QuoteRow> rows;
        std::set<Day> days;
        for (const auto& record : records) {
            if (second_of(record) < kept_from) continue;
            days.insert(std::chrono::floor<std::chrono::days>(record.recorded_at));
            const auto series = names_.series(transaction, record.venue, record.direction);
            const auto route = record.quote ? names_.route(transaction, record.quote->legs) : 0;
            rows.push_back({&record, series, route});
        }
        make_partitions(transaction, days);
        return rows;
    }

    void maintain(Connection& connection, TimePoint now) {
        if (writers_ == Writers::others) return;
        in_turn(connection, [now](pqxx::work& transaction) { make_next_partitions(transaction, now); });
        try {
            in_turn(connection, [this, now](pqxx::work& transaction) {
                drop_partitions(transaction, first_kept_day(transaction, now, keep_));
            });
        } catch (const pqxx::sql_error& failure) {
            // Somebody reads what is to go: next time.
            if (failure.sqlstate() != lock_not_available) throw;
        }
    }

    Session session_;
    const Duration keep_;
    const Writers writers_;
    Names names_;
    bool has_opened_ = false;
};

}  // namespace

std::unique_ptr<Archive> make_archive(const std::string& url, const MarketMap& map, Duration keep,
                                      Writers writers) {
    return std::make_unique<PostgresArchive>(url, map, keep, writers);
}

}  // namespace kurs::postgres
