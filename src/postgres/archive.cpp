#include <pqxx/result>
#include <pqxx/transaction>

#include "kurs/postgres/history.hpp"
#include "kurs/postgres/migrations.hpp"
#include "postgres/reading.hpp"
#include "postgres/session.hpp"
#include "postgres/writing.hpp"

namespace kurs::postgres {
namespace {

constexpr auto lock_not_available = "55P03";

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
            write_changes(turn, batch.changes);
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
        if (!has_opened_ && writers_ == Writers::one) end_last_period(turn);
        auto recovered = read_recovered(turn);
        turn.commit();
        has_opened_ = true;
        return recovered;
    }

    static history::Recovered open_to_read(Connection& connection) {
        for (const auto& each : compare_migrations(connection, migrations())) {
            if (!each.applied_at)
                throw Unfit(
                    "migration " + std::string(each.migration.name) +
                    " is pending, and HISTORY=read applies none: start a replica that writes history, or run "
                    "kurs migrate");
        }
        Bounded<pqxx::read_transaction> transaction(connection);
        return read_recovered(transaction);
    }

    void maintain(Connection& connection, TimePoint now) {
        if (writers_ == Writers::others) return;
        try {
            Turn turn(connection);
            drop_partitions(turn, now, keep_);
            turn.commit();
        } catch (const pqxx::sql_error& failure) {
            // A reader uses the partition: retry next time.
            if (failure.sqlstate() != lock_not_available) throw;
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
