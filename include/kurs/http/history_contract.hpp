#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/history.hpp"
#include "kurs/http/problem.hpp"
#include "kurs/http/query_string.hpp"

// The public contract, version 2: the past.
namespace kurs::http::v2 {

inline constexpr std::string_view history_path = "/api/v2/history/";  ///< before a direction

/// Reads the direction in a path, and what follows the `?`. What is left out is chosen so that the answer
/// holds the newest candles.
Parsed<CandlesQuestion> parse_candles_query(const MarketMap& map, std::string_view segment,
                                            std::string_view raw, TimePoint now);

std::string render_candles(const MarketMap& map, const CandlesQuestion& question, const CandlePage& page);
std::string render_candles_csv(const CandlePage& page);

/// The target that asks for the page that follows, if there is one.
std::optional<std::string> next_target(const MarketMap& map, const CandlesQuestion& question,
                                       const CandlePage& page);

/// The course as it stood at the moment that was asked for.
std::string render_recorded(const MarketMap& map, const CourseQuestion& question,
                            std::optional<Duration> max_age, const RecordedCourse& recorded);

/// A 503.
Problem explain(HistoryFailure failure, const HistoryQuestion& question);

}  // namespace kurs::http::v2
