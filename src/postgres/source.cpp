#include <pqxx/transaction>

#include "kurs/postgres/history.hpp"
#include "postgres/reading.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

using namespace std::chrono_literals;

constexpr ConnectionLimits limits{.statement = 2s, .lock = 1s};

// A whole answer is read from one database snapshot.
using Reading = Bounded<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>>;

class PostgresSource : public history::Source {
public:
    PostgresSource(const std::string& url, const MarketMap& map) : session_(url, limits), map_(map) {}

    history::result<CandlePage> find_candles(const CandlesQuestion& question, Duration limit) override {
        return ask(limit, [this, &question](Reading& reading) -> CandlePage {
            const auto series =
                find_series(reading, map_.name(question.venue), map_.direction(question.direction));
            if (!series || question.limit == 0) return {};
            return search_candles(reading, *series, question);
        });
    }

    history::result<RecordedCourse> find_course(const CourseQuestion& question, Duration limit) override {
        return ask(limit, [this, &question](Reading& reading) -> RecordedCourse {
            const auto venue =
                question.venue ? map_.name(*question.venue) : find_active(reading, question.at);
            if (!venue) return {};
            const auto series = find_series(reading, *venue, map_.direction(question.direction));
            if (!series) return {venue, std::nullopt};
            return {venue, find_quote(reading, *series, question.at)};
        });
    }

private:
    /// An idle connection may turn out to be lost only at this call.
    template <class Job>
    auto ask(Duration limit, Job job) -> history::result<std::invoke_result_t<Job&, Reading&>> {
        const auto read = [&job](Connection& connection) {
            Reading reading(connection);
            return job(reading);
        };
        const auto begun_at = std::chrono::steady_clock::now();
        auto answer = session_.call(limit, read);
        if (answer || !session_.has_lost_connection()) return answer;
        const auto left = begun_at + limit - std::chrono::steady_clock::now();
        return session_.call(std::chrono::ceil<Duration>(left), read);
    }

    Session session_;
    const MarketMap& map_;
};

}  // namespace

std::unique_ptr<history::Source> make_history_source(const std::string& url, const MarketMap& map) {
    return std::make_unique<PostgresSource>(url, map);
}

}  // namespace kurs::postgres
