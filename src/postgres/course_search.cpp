#include "postgres/course_search.hpp"

#include <pqxx/result>

#include "kurs/domain/time_text.hpp"
#include "postgres/quote_row.hpp"

namespace kurs::postgres {

std::optional<std::string> find_active(pqxx::transaction_base& transaction, TimePoint at) {
    const auto rows = transaction.exec_params(
        "select venue from active_changes where at <= $1::timestamptz order by at desc, venue desc limit 1",
        to_rfc3339(at));
    if (rows.empty() || rows[0][0].size() == 0) return std::nullopt;
    return rows[0][0].c_str();
}

std::optional<RecordedQuote> find_quote(pqxx::transaction_base& transaction, int series, TimePoint at) {
    // Rows are looked for by their second, which is at or before the moment when the row's own time may be
    // after it.
    const auto rows = transaction.exec_params(
        "select " + quote_columns() +
            " from named_quotes where series_id = $1 and second <= $2::timestamptz"
            " and second > $2::timestamptz - interval '1 day' and recorded_at <= $2::timestamptz"
            " order by second desc limit 1",
        series, to_rfc3339(at));
    return rows.empty() ? std::nullopt : read_quote(rows[0]);
}

}  // namespace kurs::postgres
