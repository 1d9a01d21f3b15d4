#pragma once

#include <pqxx/result>

#include "kurs/domain/history.hpp"

namespace kurs::postgres {

/// The columns of named_quotes that `read_quote` reads, in its order.
std::string quote_columns();

/// None: from then on the venue could not make the direction.
std::optional<RecordedQuote> read_quote(const pqxx::row& row);

}  // namespace kurs::postgres
