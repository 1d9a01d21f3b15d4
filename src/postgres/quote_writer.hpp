#pragma once

#include <pqxx/transaction_base>

#include "postgres/batch_text.hpp"

namespace kurs::postgres {

/// Writes those rows that are new and makes the candles anew that they belong to, from all quotes of their
/// minute and all minutes of their hour. Returns how many rows were new or later. The caller holds
/// Lock::write.
std::size_t write_quotes(pqxx::transaction_base& transaction, const std::vector<QuoteRow>& rows);

}  // namespace kurs::postgres
