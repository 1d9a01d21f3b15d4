#pragma once

#include <pqxx/result>
#include <string>
#include <string_view>

#include "kurs/domain/rate.hpp"
#include "kurs/domain/time.hpp"

// How values come from the database: as text, since neither a price nor a time may pass through a double.
namespace kurs::postgres {

/// The SQL that makes of a time what `read_time` reads: whole milliseconds.
std::string as_time(const std::string& expression);
TimePoint read_time(const pqxx::field& field);

/// Throws Unfit if the text is not a price.
Rate read_rate(std::string_view text);

}  // namespace kurs::postgres
