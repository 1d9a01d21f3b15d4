#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "kurs/app/configuration.hpp"
#include "kurs/app/history.hpp"
#include "kurs/boardlog/board_log.hpp"
#include "kurs/lock/store.hpp"

namespace kurs {

/// The log over the Redis that the settings name, or the log of a single process. The references must outlive
/// it.
std::unique_ptr<BoardLog> make_board_log(const net::any_io_executor& loop, const Configuration& configuration,
                                         const Clock& clock, Board& served, BoardLogEvents events);

/// The stores in the Postgres that the settings name; empty without one. `is_continued`: this process has
/// written history before, and nothing has ended.
HistoryStores make_history_stores(const Configuration& configuration, bool is_continued);

/// The stores of locked quotes in that Postgres; empty without one, or if no quotes are locked.
std::vector<std::unique_ptr<lock::QuoteStore>> make_quote_stores(const Configuration& configuration);

}  // namespace kurs
