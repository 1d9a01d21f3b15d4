#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "kurs/app/configuration.hpp"
#include "kurs/app/history.hpp"
#include "kurs/store/shared_queue.hpp"

namespace kurs {

/// The Redis that the settings name; null without one, so that this copy is on its own. `clock` is for a name
/// that no other copy has.
std::unique_ptr<SharedQueue> make_shared_queue(const net::any_io_executor& loop, const Settings& settings,
                                               const Clock& clock);

/// The Postgres that the settings name; empty without one.
HistoryStores make_history_stores(const Configuration& configuration);

}  // namespace kurs
