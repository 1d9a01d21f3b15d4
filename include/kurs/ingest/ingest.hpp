#pragma once

#include <functional>
#include <memory>

#include "kurs/boardlog/board_log.hpp"
#include "kurs/domain/feed_report.hpp"
#include "kurs/domain/pricing_report.hpp"
#include "kurs/domain/tick.hpp"
#include "kurs/feed/feed_events.hpp"
#include "kurs/ingest/refusal_log.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/runtime/tls_trust.hpp"
#include "kurs/tape/tape.hpp"
#include "kurs/venue/credit_budget.hpp"
#include "kurs/venue/venue_feeds.hpp"

namespace kurs {

/// Callbacks for one feed's metrics. All must be set.
struct FeedObserver {
    std::function<void(const Outcome&)> on_outcome;
    std::function<void()> on_reconnect;
    std::function<void(FeedFailure)> on_failure;
};

struct MeteredVenue {
    std::string name;
    CreditBudget& budget;
};

/// The dependencies of Ingest. All but `make_tape` must be set; the references must outlive it.
struct IngestParts {
    const MarketMap& map;
    const Clock& clock;
    const TlsTrust& trust;
    BoardLog& log;
    const std::vector<MeteredVenue>& metered;
    Duration failback_after{};
    std::string user_agent;
    std::function<std::vector<VenueFeeds>()> make_feeds;  ///< called each time this process starts listening
    std::function<FeedObserver(VenueId, const std::string& feed)> observe;
    std::function<void(VenueId, errc)> on_refused_tick;
    /// Called each time this process starts listening; what it takes is recorded there. Null, or unset: none.
    std::function<std::unique_ptr<tape::Tape>(TimePoint)> make_tape = {};
};

/// Listens to the venues while the board log makes this process the writer, and appends the changes.
class Ingest {
public:
    Ingest(net::any_io_executor loop, IngestParts parts);
    ~Ingest();

    /// Runs until cancelled.
    net::awaitable<void> run();

    /// Ends the feeds. Called after `run` was cancelled. False: some did not end within the limit.
    net::awaitable<bool> end(Duration limit);

    /// Ticks of an earlier run. Kept until this process listens.
    void restore(std::vector<Tick> ticks);

    /// Clients request this venue by name.
    void note_wanted(VenueId venue);

    /// Of this process while it listens, otherwise as last reported by the writer.
    const std::vector<FeedReport>& feeds() const;
    /// Likewise. None: the writer has reported nothing.
    std::optional<PricingReport> pricing() const;

    /// Whether the tape is full: a new one begins only when a process starts to listen.
    bool is_tape_full() const;

    bool is_listening() const { return listening_ != nullptr; }

    /// The writer's note to the other replicas, with the state of its alerts. `take_note` receives it and
    /// returns that state; empty: there is none.
    std::string note(std::string alerts = {}) const;
    std::string take_note(std::string_view text);

private:
    class Listening;

    void share_budgets();

    net::any_io_executor loop_;
    IngestParts parts_;
    std::unique_ptr<Listening> listening_;
    std::vector<Tick> restored_;
    std::vector<FeedReport> writer_feeds_;
    std::optional<PricingReport> writer_pricing_;
    RefusalLog refusals_;  ///< continues the log of the writer before
    std::size_t writers_ = 1;
};

}  // namespace kurs
