#pragma once

#include <pqxx/transaction_base>

#include "kurs/domain/history.hpp"

namespace kurs::postgres {

/// Answers the question for a series. Reads at most `limit` rows more than it answers with, or, where candles
/// are made of shorter ones, those of `limit` intervals: where few intervals have any, the page is short.
CandlePage search_candles(pqxx::transaction_base& transaction, int series, const CandlesQuestion& question);

}  // namespace kurs::postgres
