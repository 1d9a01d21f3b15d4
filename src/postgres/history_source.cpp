#include <map>
#include <pqxx/result>
#include <pqxx/transaction>

#include "kurs/postgres/history.hpp"
#include "postgres/candle_search.hpp"
#include "postgres/course_search.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

using namespace std::chrono_literals;

constexpr Duration question_limit = 5s;
constexpr ConnectionLimits limits{.statement = 2s, .lock = 1s};

// All of an answer is read from one state of the database.
using Reading = Bounded<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>>;

class PostgresHistorySource : public HistorySource {
public:
    PostgresHistorySource(const std::string& url, const MarketMap& map) : session_(url, limits), map_(map) {}

    store_result<CandlePage> find_candles(const CandlesQuestion& question) override {
        return ask([this, &question](Reading& reading) -> CandlePage {
            const auto direction = map_.direction(question.direction).text();
            const auto series = find_series(reading, map_.name(question.venue), direction);
            if (!series || question.limit == 0) return {};
            return search_candles(reading, *series, question);
        });
    }

    store_result<RecordedCourse> find_course(const CourseQuestion& question) override {
        return ask([this, &question](Reading& reading) -> RecordedCourse {
            const auto venue =
                question.venue ? map_.name(*question.venue) : find_active(reading, question.at);
            if (!venue) return {};
            const auto series = find_series(reading, *venue, map_.direction(question.direction).text());
            if (!series) return {venue, std::nullopt};
            return {venue, find_quote(reading, *series, question.at)};
        });
    }

    void interrupt() override { session_.interrupt(); }

private:
    /// On a connection that has been idle, it turns out only now whether it is still there.
    template <class Job>
    auto ask(Job job) -> store_result<std::invoke_result_t<Job&, Reading&>> {
        const auto read = [&job](Connection& connection) {
            Reading reading(connection);
            return job(reading);
        };
        const bool was_connected = session_.is_connected();
        auto answer = session_.call(question_limit, read);
        if (answer) return answer;
        series_.clear();
        if (!was_connected || !session_.has_lost_connection()) return answer;
        return session_.call(question_limit, read);
    }

    std::optional<int> find_series(Reading& reading, const std::string& venue, const std::string& direction) {
        const auto known = series_.find({venue, direction});
        if (known != series_.end()) return known->second;
        const auto rows = reading.exec_params("select id from series where venue = $1 and direction = $2",
                                              venue, direction);
        if (rows.empty()) return std::nullopt;
        return series_[{venue, direction}] = rows[0][0].as<int>();
    }

    Session session_;
    const MarketMap& map_;
    std::map<std::pair<std::string, std::string>, int> series_;
};

}  // namespace

std::unique_ptr<HistorySource> make_history_source(const std::string& url, const MarketMap& map) {
    return std::make_unique<PostgresHistorySource>(url, map);
}

}  // namespace kurs::postgres
