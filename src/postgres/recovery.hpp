#pragma once

#include <pqxx/transaction_base>

#include "kurs/store/archive.hpp"

namespace kurs::postgres {

/// If the last change says that a venue is active, but nothing has been written since for 10 s, the service
/// has ended without saying so: writes the change that is missing.
void close_last_spell(pqxx::transaction_base& transaction);

Recovered read_recovered(pqxx::transaction_base& transaction);

}  // namespace kurs::postgres
