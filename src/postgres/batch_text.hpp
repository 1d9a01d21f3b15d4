#pragma once

#include <string>
#include <vector>

#include "kurs/store/archive.hpp"

namespace kurs::postgres {

/// A quote as it is written: names replaced by their numbers.
struct QuoteRow {
    const QuoteRecord* record = nullptr;
    int series = 0;
    int route = 0;  ///< of no meaning if the record has no quote
};

/// JSON arrays of objects, for jsonb_to_recordset. Prices and times are strings in them.
std::string to_document(const std::vector<QuoteRow>& rows);
std::string to_document(const std::vector<ActiveChange>& changes);

}  // namespace kurs::postgres
