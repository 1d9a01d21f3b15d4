#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/course_view.hpp"
#include "api/parameters.hpp"
#include "kurs/api/outcome.hpp"
#include "kurs/api/sources.hpp"
#include "kurs/exports/reserves.hpp"
#include "kurs/pricing/conversion.hpp"

// The public contract, version 2. It shows what version 1 hides.
namespace kurs::api::v2 {

inline constexpr std::string_view courses_path = "/api/v2/courses";
inline constexpr std::string_view course_path = "/api/v2/courses/";  ///< before a direction
inline constexpr std::string_view explanation_path = "/api/v2/courses/{direction}/explain";
inline constexpr std::string_view convert_path = "/api/v2/convert";
inline constexpr std::string_view export_path = "/api/v2/exports/";  ///< before a name
inline constexpr std::string_view export_explanation_path = "/api/v2/exports/{name}/explain";
inline constexpr std::string_view quotes_path = "/api/v2/quotes";
inline constexpr std::string_view quote_path = "/api/v2/quotes/";  ///< before an id
inline constexpr std::string_view signing_keys_path = "/.well-known/jwks.json";
inline constexpr std::string_view history_path = "/api/v2/history/";  ///< before a direction
inline constexpr std::string_view candles_csv_path = "/api/v2/history/{direction}/candles.csv";
inline constexpr std::string_view exchangers_path = "/api/v2/exchangers";
inline constexpr std::string_view stream_path = "/api/v2/stream";
inline constexpr std::string_view web_socket_path = "/api/v2/ws";

/// A request for one direction.
struct CourseQuery {
    DirectionId direction{};
    std::optional<VenueId> venue;
    std::optional<Duration> max_age;
    std::optional<TimePoint> at;  ///< in the past; none: now
};

/// Parses the direction in the path, and the query.
Parsed<DirectionId> parse_direction_segment(const MarketMap& map, std::string_view raw);
Parsed<CourseQuery> parse_course_query(const MarketMap& map, std::string_view segment, std::string_view raw,
                                       TimePoint now);

/// A request to explain one direction.
struct ExplanationQuery {
    DirectionId direction{};
    std::optional<TimePoint> at;  ///< in the past; none: now
};

Parsed<ExplanationQuery> parse_explanation_query(const MarketMap& map, std::string_view segment,
                                                 std::string_view raw, TimePoint now);

/// An amount, or "0".
std::string text_of(const std::optional<Rate>& amount);

/// A request to convert an amount.
struct ConversionQuery {
    std::string from;  ///< two different assets of the market map that directions connect
    std::string to;
    Rate amount;
    Side side = Side::sell;
    std::optional<VenueId> venue;
    std::optional<Duration> max_age;
};

Parsed<ConversionQuery> parse_conversion_query(const MarketMap& map, std::string_view raw);

/// The document, or why there is none.
boost::system::result<std::string, Problem> render_conversion(const Board& board,
                                                              const ConversionQuery& query, TimePoint now);

/// The members of a document, without its braces: 200 and 503 share them.
struct CoursesDocument {
    std::string members;
    bool has_fresh = false;
};

/// All requested directions in any state, for the requested or active exchanger.
CoursesDocument render_courses(const Board& board, const CoursesQuery& query, TimePoint now);

/// The same for one direction.
CoursesDocument render_course(const Board& board, const CourseQuery& query, TimePoint now);

/// The course at an exchanger, in any state.
CourseView view_course(const Board& board, std::optional<VenueId> venue, DirectionId direction,
                       std::optional<Duration> max_age, TimePoint now);

/// The common beginning: the board's version, the exchanger and the time.
std::string render_view(const Board& board, std::optional<VenueId> venue, TimePoint now);

std::string render_exchangers(const Board& board, std::span<const FeedReport> feeds,
                              const FailoverHistory& failovers, TimePoint now);

/// Why this course is served: every exchanger's quote with its legs, the reference rates, what was refused,
/// the limits, and who would be next.
std::string render_explanation(const Board& board, const FailoverHistory& failovers,
                               const std::optional<PricingReport>& pricing, DirectionId direction,
                               TimePoint now);

/// Each item of an export: what it is made of, or why it is absent.
std::string render_export_explanation(const Board& board, const exports::ReserveBook& reserves,
                                      const exports::Export& shown, TimePoint now);

/// A markup: "1.2%".
std::string percent(std::uint32_t ppb);

/// A request to lock a quote.
struct QuoteRequest {
    std::string from;  ///< two different assets of the market map that directions connect
    std::string to;
    Side side = Side::sell;
    Rate amount;  ///< of `from`
    Duration ttl{};
    std::optional<VenueId> venue{};
    const exports::Export* source = nullptr;
    const exports::Item* item = nullptr;  ///< of `source`, if its markup applies
};

/// Parses the body. A quote may hold for `longest`. `exports` may be null.
Parsed<QuoteRequest> parse_quote_request(const MarketMap& map, const exports::Exports* exports,
                                         Duration longest, std::string_view text);

/// The document, or why there is none now.
boost::system::result<std::string, Problem> render_quote(const Board& board,
                                                         const exports::ReserveBook& reserves,
                                                         const QuoteRequest& request, std::string_view id,
                                                         TimePoint now);

/// Why there is no quote.
Problem explain(lock::LockFailure failure, const lock::LockQuestion& question);

// History.

/// Parses the direction in the path, and the query. The defaults select the newest candles.
Parsed<CandlesQuestion> parse_candles_query(const MarketMap& map, std::string_view segment,
                                            std::string_view raw, TimePoint now);

std::string render_candles(const MarketMap& map, const CandlesQuestion& question, const CandlePage& page);
std::string render_candles_csv(const CandlePage& page);

/// The target of the next page, if there is one.
std::optional<std::string> next_target(const MarketMap& map, const CandlesQuestion& question,
                                       const CandlePage& page, bool is_csv = false);

/// The course at the requested time.
std::string render_recorded(const MarketMap& map, const CourseQuestion& question,
                            std::optional<Duration> max_age, const RecordedCourse& recorded);

/// The part of an explanation that history knows. What it does not know is null.
std::string render_recorded(const MarketMap& map, const ExplanationQuestion& question,
                            const RecordedExplanation& recorded, const std::optional<PricingReport>& pricing);

/// The recorded course as of `at`.
CourseView view_recorded(std::string_view direction, std::optional<Duration> max_age, TimePoint at,
                         const RecordedCourse& recorded);

/// The 503 for a failure.
Problem explain(HistoryFailure failure, const HistoryQuestion& question);

}  // namespace kurs::api::v2
