#pragma once

#include <optional>
#include <pqxx/transaction_base>
#include <string>

#include "kurs/domain/history.hpp"

namespace kurs::postgres {

/// The venue that was active at the moment, if any was.
std::optional<std::string> find_active(pqxx::transaction_base& transaction, TimePoint at);

/// The series' newest quote at the moment, if it had one that was written within the day before.
std::optional<RecordedQuote> find_quote(pqxx::transaction_base& transaction, int series, TimePoint at);

}  // namespace kurs::postgres
