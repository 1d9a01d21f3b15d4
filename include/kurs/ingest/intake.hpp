#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kurs/domain/pricing_report.hpp"
#include "kurs/feed/refusal_count.hpp"
#include "kurs/ingest/arbiter.hpp"
#include "kurs/ingest/draft.hpp"
#include "kurs/ingest/refusal_log.hpp"
#include "kurs/venue/venue_feeds.hpp"

namespace kurs {

/// The dependencies of Intake. All must be set; the references must outlive it.
struct IntakeParts {
    const MarketMap& map;
    RefusalLog& refusal_log;
    Duration failback_after{};
    Duration delay{};  ///< between making and serving a change
    std::function<void(BoardChange, TimePoint)> append;
    std::function<void(VenueId, errc)> on_refused_tick;
};

/// One connection of a venue: a stream's, or a poll.
struct IntakeSource {
    VenueId venue{};
    Arbiter::Source source;
    StreamVenue* stream = nullptr;  ///< the venue's stream, which the listings concern; null: it has none
};

/// "kraken", or "kraken/1" and "kraken/2" of a stream with two connections.
std::string connection_name(const StreamPlan& plan, std::size_t number);

/// From what the sessions deliver to board changes. Uses no clock: the same inputs at the same times make the
/// same changes, which is what a replay relies on.
class Intake {
public:
    /// Starts from the newest published board.
    Intake(IntakeParts parts, const BoardChange& published, TimePoint now);

    void take(const IntakeSource& from, const Outcome& outcome, TimePoint at);

    /// Ticks of an earlier run.
    void restore(const std::vector<Tick>& ticks, TimePoint at);

    /// Clients request this venue by name.
    void note_wanted(VenueId venue, TimePoint at) { draft_.note_wanted(venue, at); }

    /// What is due by time alone. Call it again after `draft().until_next_change` at the latest.
    void follow_time(TimePoint at) { take(draft_.follow_time(at), at); }

    const Draft& draft() const { return draft_; }
    PricingReport report(TimePoint now) const;

private:
    void note(VenueId venue, const std::vector<Refusal>& refusals, TimePoint at);
    void take(const IntakeSource& from, const Listing& listing, TimePoint at);
    void take(VenueId venue, const std::vector<Tick>& ticks, TimePoint at);
    void take(DraftUpdate update, TimePoint at);

    IntakeParts parts_;
    const MarketMap& map_;
    Arbiter arbiter_;
    Draft draft_;
    std::vector<RefusalCount> refusals_;  ///< of each venue
};

}  // namespace kurs
