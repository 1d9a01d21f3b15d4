#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_writer.hpp"
#include "kurs/domain/history.hpp"
#include "kurs/domain/quote.hpp"

// A course as version 2 shows it, current or historical.
namespace kurs::api {

enum class CourseState : std::uint8_t { fresh, stale, disputed, unavailable };

struct LegView {
    std::string_view venue;
    std::string_view symbol;
    bool inverted = false;
    Rate bid;
    Rate ask;
    TimePoint observed_at{};
    std::optional<Duration> limit;  ///< its age limit, if known
};

struct QuoteView {
    Rate bid;
    Rate value;
    Rate ask;
    TimePoint observed_at{};
    TimePoint fresh_until{};
    std::vector<LegView> legs;
    std::string_view dispute;  ///< why the quote is disputed; empty if it is not
};

/// Borrows its names from the source.
struct CourseView {
    std::string_view direction;
    CourseState state = CourseState::unavailable;
    std::string reason;  ///< a sentence; empty if fresh
    std::optional<QuoteView> quote;
};

QuoteView make_view(const MarketMap& map, const Quote& quote);
QuoteView make_view(const RecordedQuote& quote);

/// The course at `when`: fresh, stale or disputed.
CourseView judge(std::string_view direction, QuoteView quote, std::optional<Duration> max_age,
                 TimePoint when);

CourseView unavailable(std::string_view direction, std::string reason);

/// The object. Prices are null unless the course is fresh, so that nobody trades on a stale one by mistake.
void write(JsonWriter& json, const CourseView& course, TimePoint when);

}  // namespace kurs::api
