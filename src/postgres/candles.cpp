#include "postgres/reading.hpp"

#include <algorithm>
#include <pqxx/result>

#include "kurs/domain/time_text.hpp"

namespace kurs::postgres {
namespace {

/// The table from which an interval's candles are computed.
struct Source {
    std::string table;
    bool is_made_of_shorter = false;
};

Source source_of(CandleInterval interval) {
    switch (interval) {
        case CandleInterval::second: return {"second_candles"};
        case CandleInterval::minute: return {"minute_candles"};
        case CandleInterval::five_minutes:
        case CandleInterval::quarter_hour: return {"minute_candles", true};
        case CandleInterval::hour: return {"hour_candles"};
        case CandleInterval::day: return {"hour_candles", true};
    }
    return {};
}

Candle read_candle(const pqxx::row& row) {
    return {read_time(row[0]),         read_rate(row[1].c_str()), read_rate(row[2].c_str()),
            read_rate(row[3].c_str()), read_rate(row[4].c_str()), row[5].as<std::uint32_t>()};
}

CandlePage search_stored(pqxx::transaction_base& transaction, const std::string& table, int series,
                         TimePoint from, TimePoint to, std::size_t limit) {
    const auto rows = transaction.exec_params(
        "select " + as_time("start") + ", open, high, low, close, count from " + table +
            " where series_id = $1 and start >= $2::timestamptz and start < $3::timestamptz"
            " order by start limit $4",
        series, to_rfc3339(from), to_rfc3339(to), limit + 1);
    CandlePage page;
    for (const auto& row : rows) {
        if (page.candles.size() == limit) {
            page.next = read_time(row[0]);
            break;
        }
        page.candles.push_back(read_candle(row));
    }
    return page;
}

std::optional<TimePoint> find_first(pqxx::transaction_base& transaction, const std::string& table, int series,
                                    TimePoint from, TimePoint to) {
    const auto found = search_stored(transaction, table, series, from, to, 1).candles;
    return found.empty() ? std::nullopt : std::optional(found.front().start);
}

CandlePage make_of_shorter(pqxx::transaction_base& transaction, const std::string& table, int series,
                           const CandlesQuestion& question) {
    const auto interval = length(question.interval);
    const auto end = start_of(question.interval, question.to + interval - Duration{1});
    const auto first = find_first(transaction, table, series, question.from, end);
    if (!first) return {};
    const auto page_start = start_of(question.interval, *first);
    const auto page_end = std::min(end, page_start + static_cast<Duration::rep>(question.limit) * interval);
    const auto rows = transaction.exec_params(
        "select " + as_time("date_bin($4::interval, start, 'epoch')") +
            " as bin, (array_agg(open order by start))[1], max(high), min(low),"
            " (array_agg(close order by start desc))[1], sum(count) from " +
            table +
            " where series_id = $1 and start >= $2::timestamptz and start < $3::timestamptz"
            " group by bin order by bin",
        series, to_rfc3339(page_start), to_rfc3339(page_end),
        std::to_string(interval.count()) + " milliseconds");
    CandlePage page;
    for (const auto& row : rows) page.candles.push_back(read_candle(row));
    const auto following = find_first(transaction, table, series, page_end, end);
    if (following) page.next = start_of(question.interval, *following);
    return page;
}

}  // namespace

CandlePage search_candles(pqxx::transaction_base& transaction, int series, const CandlesQuestion& question) {
    const auto [table, is_made_of_shorter] = source_of(question.interval);
    return is_made_of_shorter
               ? make_of_shorter(transaction, table, series, question)
               : search_stored(transaction, table, series, question.from, question.to, question.limit);
}

}  // namespace kurs::postgres
