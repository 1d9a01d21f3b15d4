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

/// The text of an interval of SQL.
std::string as_interval(Duration duration);

/// Throws Unfit if the text is not a price.
Rate read_rate(std::string_view text);

/// Empty: no venue was active.
std::optional<std::string> read_venue(const pqxx::field& field);

/// The SQL expression of the newest second in which a row of the series was recorded: after `after`, and not
/// after `until`. Its branches are ordered and limited each, because the planner sorts all rows of a union.
std::string newest_second(const std::string& venue, const std::string& series_id, const std::string& after,
                          const std::string& until);

/// The columns of named_quotes, in the order that `read_quote` expects.
std::string quote_columns();

/// Empty: from then on the venue could not make the direction.
std::optional<RecordedQuote> read_quote(const pqxx::row& row);

history::Recovered read_recovered(pqxx::transaction_base& transaction, const MarketMap& map);

}  // namespace kurs::postgres
