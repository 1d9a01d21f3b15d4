#include <pqxx/transaction>

#include "kurs/domain/time_text.hpp"
#include "kurs/postgres/history.hpp"
#include "postgres/reading.hpp"
#include "postgres/session.hpp"

namespace kurs::postgres {
namespace {

// A whole answer is read from one database snapshot.
using Reading = Bounded<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>>;

/// The series of a venue, $1, and direction, $2. As a subquery, so that the rows are read in the order of the
/// primary key.
constexpr auto series_id = "(select id from series where venue = $1 and direction = $2)";

/// The candles of seconds, $4 to $5. Each branch is ordered and limited, $6, because the planner sorts all
/// rows of a union.
std::string second_candles() {
    const auto page = " and series_id = " + std::string(series_id) +
                      " and second >= $4::timestamptz and second < $5::timestamptz and value is not null"
                      " order by second limit $6)";
    const std::string columns =
        "(select second as start, series_id, value as open, value as high, value as low, value as close,"
        " 1 as count from ";
    return "(" + columns + "packed_quotes where venue = $1" + page + " union all " + columns +
           "unpacked_quotes where true" + page + ") as second_candles";
}

/// The candles from which those of an interval are made.
struct StoredCandles {
    std::string table;
    CandleInterval interval{};
};

StoredCandles stored_candles(CandleInterval wanted) {
    using enum CandleInterval;
    if (wanted >= hour) return {"hour_candles", hour};
    if (wanted >= minute) return {"minute_candles", minute};
    return {second_candles(), second};
}

Candle read_candle(const pqxx::row& row) {
    return {read_time(row[0]),         read_rate(row[1].c_str()), read_rate(row[2].c_str()),
            read_rate(row[3].c_str()), read_rate(row[4].c_str()), row[5].as<std::uint32_t>()};
}

/// The last change of the active venue until that time, if any.
std::optional<ActiveChange> find_active(Reading& reading, TimePoint at) {
    const auto rows =
        reading.exec_params("select " + as_time("at") +
                                ", venue, reason from active_changes where at <= $1::timestamptz"
                                " order by at desc, venue desc limit 1",
                            to_rfc3339(at));
    if (rows.empty()) return std::nullopt;
    return ActiveChange{read_time(rows[0][0]), read_venue(rows[0][1]), rows[0][2].c_str()};
}

class PostgresSource : public history::Source {
public:
    PostgresSource(const std::string& url, const MarketMap& map)
        : session_(url, std::chrono::seconds(2)), map_(map) {}

    history::result<HistoryFinding> find(const HistoryQuestion& question, Duration limit) override {
        return session_.call_repeatable(limit, [this, &question](Connection& connection) {
            Reading reading(connection);
            return std::visit([&](const auto& asked) { return find(reading, asked); }, question);
        });
    }

private:
    HistoryFinding find(Reading& reading, const CandlesQuestion& question) const {
        if (question.limit == 0) return CandlePage{};
        const auto stored = stored_candles(question.interval);
        const auto interval = length(question.interval);
        const auto end = start_of(question.interval, question.to + interval - Duration{1});
        // Enough for the page and the candle after it, however many of the stored candles are missing.
        const auto most_read =
            question.limit * static_cast<std::size_t>(interval / length(stored.interval)) + 1;
        const auto rows = reading.exec_params(
            "select " + as_time("bin") +
                ", (array_agg(open order by start))[1], max(high), min(low),"
                " (array_agg(close order by start desc))[1], sum(count)"
                " from (select date_bin($3::interval, start, 'epoch') as bin, * from " +
                stored.table + " where series_id = " + series_id +
                " and start >= $4::timestamptz and start < $5::timestamptz order by start limit $6) as stored"
                " group by bin order by bin limit $7",
            map_.name(question.venue), map_.direction(question.direction).text(), as_interval(interval),
            to_rfc3339(question.from), to_rfc3339(end), most_read, question.limit + 1);
        CandlePage page;
        for (const auto& row : rows) page.candles.push_back(read_candle(row));
        if (page.candles.size() > question.limit) {
            page.next = page.candles.back().start;
            page.candles.pop_back();
        }
        return page;
    }

    /// The newest quote at that time, if one was written in the preceding day.
    HistoryFinding find(Reading& reading, const CourseQuestion& question) const {
        const auto active = question.venue ? std::nullopt : find_active(reading, question.at);
        const auto venue = active ? active->venue : name_of(question.venue);
        if (!venue) return RecordedCourse{};
        const auto rows = reading.exec_params(
            "select " + quote_columns() + " from named_quotes where venue = $1 and series_id = " + series_id +
                " and second = " + newest_second("$1", series_id, "$3::timestamptz - interval '1 day'", "$3"),
            *venue, map_.direction(question.direction).text(), to_rfc3339(question.at));
        return RecordedCourse{venue, rows.empty() ? std::nullopt : read_quote(rows[0])};
    }

    /// The same of every venue, and which one was active.
    HistoryFinding find(Reading& reading, const ExplanationQuestion& question) const {
        RecordedExplanation explanation{find_active(reading, question.at), {}};
        const auto newest =
            newest_second("series.venue", "series.id", "$2::timestamptz - interval '1 day'", "$2");
        const auto rows =
            reading.exec_params("select quote.* from series cross join lateral (select " + newest +
                                    " as second) as found cross join lateral (select " + quote_columns() +
                                    "  from named_quotes as q"
                                    "  where q.venue = series.venue and q.series_id = series.id and q.second "
                                    "= found.second offset 0"
                                    ") as quote where series.direction = $1",
                                map_.direction(question.direction).text(), to_rfc3339(question.at));
        for (const auto& row : rows)
            if (auto quote = read_quote(row)) explanation.quotes.push_back(*std::move(quote));
        return explanation;
    }

    std::optional<std::string> name_of(std::optional<VenueId> venue) const {
        return venue ? std::optional(map_.name(*venue)) : std::nullopt;
    }

    Session session_;
    const MarketMap& map_;
};

}  // namespace

std::unique_ptr<history::Source> make_history_source(const std::string& url, const MarketMap& map) {
    return std::make_unique<PostgresSource>(url, map);
}

}  // namespace kurs::postgres
