#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_writer.hpp"
#include "kurs/domain/history.hpp"
#include "kurs/domain/quote.hpp"
#include "kurs/pricing/consensus.hpp"

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
    std::optional<Confirmation> confirmation{};
    const PublicationPlan* publications = nullptr;  ///< null, unless the source publishes rarely
    bool is_declared = false;                       ///< of a source that the operator declares
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

/// An exchanger's part in the consensus.
struct BallotView {
    std::string_view exchanger;
    std::optional<QuoteView> quote;
    std::string reason;  ///< why it does not count, as a sentence; empty if it does
};

struct ConsensusView {
    std::size_t counted = 0;
    bool is_thin = false;
    std::optional<std::uint64_t> dispersion_ppm;  ///< the distance of the furthest one that counts
    std::vector<BallotView> ballots;
};

/// Borrows its names from the source.
struct CourseView {
    std::string_view direction;
    CourseState state = CourseState::unavailable;
    std::string reason;  ///< a sentence; empty if fresh
    std::optional<QuoteView> quote;
    std::optional<ConsensusView> consensus{};  ///< of the exchanger of this name
};

QuoteView make_view(const MarketMap& map, const Quote& quote);
ConsensusView make_view(const MarketMap& map, const Consensus& consensus, const Quote* published);
QuoteView make_view(const RecordedQuote& quote);

/// The course at `when`: fresh, stale or disputed.
CourseView judge(std::string_view direction, QuoteView quote, std::optional<Duration> max_age,
                 TimePoint when);

std::string_view to_string(CourseState state);

CourseView unavailable(std::string_view direction, std::string reason);

/// The members of a leg's object.
void write_members(JsonWriter& json, const LegView& leg, TimePoint when);

/// The object. Prices are null unless the course is fresh, so that nobody trades on a stale one by mistake.
void write(JsonWriter& json, const CourseView& course, TimePoint when);

}  // namespace kurs::api
