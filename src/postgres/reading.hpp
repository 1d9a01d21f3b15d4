#pragma once

#include <pqxx/result>
#include <pqxx/transaction_base>
#include <string>
#include <string_view>

#include "kurs/history/store.hpp"

// Reading of rows. Values are read as text, since neither a price nor a time may pass through a double.
namespace kurs::postgres {

/// The value in active_changes that marks a stop of the service.
constexpr auto no_venue = "";

/// The SQL expression that converts a time for `read_time`: whole milliseconds.
std::string as_time(const std::string& expression);
TimePoint read_time(const pqxx::field& field);

/// Throws Unfit if the text is not a price.
Rate read_rate(std::string_view text);

history::Recovered read_recovered(pqxx::transaction_base& transaction);

/// The venue that was active at that time, if any.
std::optional<std::string> find_active(pqxx::transaction_base& transaction, TimePoint at);

std::optional<int> find_series(pqxx::transaction_base& transaction, const std::string& venue,
                               const Direction& direction);

/// The series' newest quote at that time, if one was written in the preceding day.
std::optional<RecordedQuote> find_quote(pqxx::transaction_base& transaction, int series, TimePoint at);

/// The candles of a series. Reads at most `limit` rows more than it returns; if candles are
/// aggregated from shorter ones, it reads those of `limit` intervals. With sparse data the page is therefore
/// short.
CandlePage search_candles(pqxx::transaction_base& transaction, int series, const CandlesQuestion& question);

}  // namespace kurs::postgres
