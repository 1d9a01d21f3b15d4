#pragma once

#include <optional>
#include <pqxx/transaction_base>
#include <string>

namespace kurs::postgres {

struct PackedQuotes {
    std::size_t quotes = 0;              ///< that were new or newer
    std::optional<std::string> minutes;  ///< whose candles they change: jsonb of venue, series_id and start
};

/// Merges rows into the packs of their venues and seconds. `document` is for jsonb_to_recordset; series,
/// routes and partitions must exist. The last quote of a second wins, whichever replica writes it and in
/// whatever order, so that replicas that write the same second agree.
PackedQuotes pack_quotes(pqxx::transaction_base& transaction, const std::string& document);

/// Packs a bounded part of the rows that earlier versions wrote, newest days first, and drops days without
/// rows. Returns whether to call it again.
bool pack_earlier_quotes(pqxx::transaction_base& transaction);

}  // namespace kurs::postgres
