#include "kurs/ingest/ingest.hpp"

#include <spdlog/spdlog.h>

#include <random>
#include <utility>

#include "kurs/boardlog/change_text.hpp"
#include "kurs/feed/poll_feed.hpp"
#include "kurs/feed/stream_feed.hpp"
#include "kurs/ingest/feed_book.hpp"
#include "kurs/ingest/intake.hpp"
#include "kurs/ingest/tick_text.hpp"
#include "kurs/ingest/writer_note.hpp"
#include "kurs/tape/taped_sessions.hpp"

namespace kurs {
namespace {

constexpr Duration role_check_every{50};
constexpr Duration end_limit = std::chrono::seconds(6);

/// The endpoints of one of the stream's connections. Connections share none, unless there are too few, so
/// that the failure of an endpoint costs one connection.
std::vector<Endpoint> endpoints_of(const StreamPlan& plan, std::size_t number) {
    if (plan.endpoints.size() < plan.connections) return plan.endpoints;
    std::vector<Endpoint> own;
    for (std::size_t i = number; i < plan.endpoints.size(); i += plan.connections)
        own.push_back(plan.endpoints[i]);
    return own;
}

}  // namespace

/// The feeds and the intake, from the moment this process starts listening until it stops.
class Ingest::Listening {
public:
    Listening(const net::any_io_executor& loop, const IngestParts& parts, RefusalLog& refusal_log)
        : Listening(loop, parts, refusal_log, parts.log.snapshot(), parts.clock.now()) {}

    void restore(const std::vector<Tick>& ticks) {
        const auto now = clock_.now();
        if (tape_) tape_->add(tape::Kind::restored, now, 0, to_text(map_, ticks));
        intake_.restore(ticks, now);
    }

    void note_wanted(VenueId venue) {
        const auto now = clock_.now();
        if (tape_) tape_->add(tape::Kind::wanted, now, 0, map_.name(venue));
        intake_.note_wanted(venue, now);
    }

    const std::vector<FeedReport>& reports() const { return book_.reports(); }
    PricingReport pricing() const { return intake_.report(clock_.now()); }
    bool is_tape_full() const { return tape_ && tape_->is_full(); }

    net::awaitable<bool> end(Duration limit) { return tasks_.end(limit); }

private:
    Listening(const net::any_io_executor& loop, const IngestParts& parts, RefusalLog& refusal_log,
              const BoardChange& published, TimePoint now)
        : map_(parts.map),
          clock_(parts.clock),
          parts_(parts),
          tape_(parts.make_tape ? parts.make_tape(now) : nullptr),
          intake_({map_, refusal_log, parts.failback_after, parts.log.delay(),
                   [this](BoardChange change, TimePoint at) { append(std::move(change), at); },
                   parts.on_refused_tick},
                  published, now),
          feeds_(parts.make_feeds()),
          streams_(map_.venues.size()),
          tasks_(loop) {
        if (tape_) tape_->add(tape::Kind::begin, now, 0, begin_text(map_, published, parts.log.delay()));
        tasks_.spawn("freshness", follow_time());
        for (auto& feeds : feeds_) start(feeds);
    }

    net::awaitable<void> follow_time() {
        for (;;) {
            const auto now = clock_.now();
            if (tape_) tape_->add(tape::Kind::clock, now);
            intake_.follow_time(now);
            co_await sleep_for(intake_.draft().until_next_change(clock_.now()));
        }
    }

    void append(BoardChange change, TimePoint at) {
        if (tape_) tape_->add(tape::Kind::change, at, 0, tape::fingerprint(to_text(map_, change)));
        parts_.log.append(std::move(change), at);
    }

    void start(VenueFeeds& feeds) {
        if (feeds.listing) start_poll(*feeds.listing, feeds, [] { return false; });
        if (feeds.stream) start_streams(*feeds.stream, feeds);
        if (!feeds.poll) return;
        auto is_needed = [this, venue = feeds.venue, is_standby = feeds.is_standby] {
            const auto now = clock_.now();
            const bool is_bridged = is_streaming(venue) && !intake_.draft().is_short_soon(venue, now);
            return is_standby && !is_bridged && intake_.draft().is_needed(venue, now);
        };
        start_poll(*feeds.poll, feeds, std::move(is_needed));
    }

    void start_streams(const StreamPlan& plan, const VenueFeeds& feeds) {
        for (std::size_t i = 0; i < plan.connections; ++i) start_stream(plan, feeds, i);
    }

    void start_stream(const StreamPlan& plan, const VenueFeeds& feeds, std::size_t number) {
        const auto venue = feeds.venue;
        const auto name = connection_name(plan, number);
        const auto source = add(name, feeds, false);
        auto& sessions = taped(*plan.venue, source);
        StreamFeed feed{name, endpoints_of(plan, number), sessions, map_, clock_, parts_.trust, {}};
        feed.first_address = number;
        feed.events = events(name, source);
        feed.limits.rotate_after = plan.rotate_after;
        feed.limits.sends_per_second = plan.sends_per_second;
        feed.limits.message_max = plan.message_max;
        if (plan.connections > 1) feed.is_spare = [this, name, venue] { return has_another(venue, name); };
        feed.proxy = feeds.proxy;
        feed.user_agent = parts_.user_agent;
        feed.seed = std::random_device{}();
        streams_[index(venue)].push_back(name);
        tasks_.spawn(name, run_stream_feed(std::move(feed)));
    }

    bool is_streaming(VenueId venue) const {
        return std::ranges::any_of(streams_[index(venue)], [this](const std::string& name) {
            return book_.state(name) == FeedState::live;
        });
    }

    /// Whether a connection of the venue's stream delivers, apart from `name`.
    bool has_another(VenueId venue, std::string_view name) const {
        return std::ranges::any_of(streams_[index(venue)], [&](const std::string& other) {
            return other != name && book_.delivers(other);
        });
    }

    void start_poll(const PollPlan& plan, const VenueFeeds& feeds, std::function<bool()> is_needed) {
        const auto source = add(plan.name, feeds, feeds.stream.has_value());
        PollFeed feed{plan.name,
                      plan.endpoint,
                      taped(*plan.session, source),
                      clock_,
                      parts_.trust,
                      events(plan.name, source),
                      std::move(is_needed)};
        feed.proxy = feeds.proxy;
        feed.user_agent = parts_.user_agent;
        tasks_.spawn(plan.name, run_poll_feed(std::move(feed)));
    }

    IntakeSource add(const std::string& name, const VenueFeeds& feeds, bool is_bridge) {
        const auto now = clock_.now();
        book_.add(name, feeds.venue, now);
        const auto number = book_.reports().size();
        if (tape_) tape_->add(tape::Kind::feed, now, number, name);
        return {feeds.venue, {number, is_bridge}, feeds.stream ? feeds.stream->venue.get() : nullptr};
    }

    StreamVenue& taped(StreamVenue& venue, const IntakeSource& source) {
        if (!tape_) return venue;
        return *taped_streams_.emplace_back(
            std::make_unique<tape::TapedStream>(venue, *tape_, source.source.number));
    }

    PollSession& taped(PollSession& session, const IntakeSource& source) {
        if (!tape_) return session;
        return *taped_polls_.emplace_back(
            std::make_unique<tape::TapedPoll>(session, *tape_, source.source.number));
    }

    FeedEvents events(const std::string& name, const IntakeSource& source) {
        const auto observer = parts_.observe(source.venue, name);
        return {[this, name, source, observer](const Outcome& outcome, TimePoint at) {
                    if (!outcome.ticks.empty()) book_.note_tick(name, at);
                    observer.on_outcome(outcome);
                    intake_.take(source, outcome, at);
                },
                [this, name, observer](FeedState state, std::string_view reason) {
                    if (book_.note_state(name, state, reason, clock_.now())) observer.on_reconnect();
                },
                observer.on_failure};
    }

    const MarketMap& map_;
    const Clock& clock_;
    const IngestParts& parts_;
    std::unique_ptr<tape::Tape> tape_;  ///< null: nothing is recorded
    Intake intake_;
    FeedBook book_;
    std::vector<VenueFeeds> feeds_;
    std::vector<std::unique_ptr<tape::TapedStream>> taped_streams_;
    std::vector<std::unique_ptr<tape::TapedPoll>> taped_polls_;
    std::vector<std::vector<std::string>> streams_;  ///< of each venue: the names of its stream's connections
    TaskGroup tasks_;
};

Ingest::Ingest(net::any_io_executor loop, IngestParts parts)
    : loop_(std::move(loop)), parts_(std::move(parts)) {}

Ingest::~Ingest() = default;

net::awaitable<void> Ingest::run() {
    for (;;) {
        share_budgets();
        const bool is_writer = parts_.log.is_writer();
        if (is_writer && !listening_) {
            listening_ = std::make_unique<Listening>(loop_, parts_, refusals_);
            restore(std::exchange(restored_, {}));
        }
        if (!is_writer && listening_) {
            const bool has_ended = co_await listening_->end(end_limit);
            if (has_ended) listening_.reset();
        }
        co_await sleep_for(role_check_every);
    }
}

net::awaitable<bool> Ingest::end(Duration limit) {
    if (!listening_) co_return true;
    const bool has_ended = co_await listening_->end(limit);
    if (has_ended) listening_.reset();
    co_return has_ended;
}

void Ingest::restore(std::vector<Tick> ticks) {
    if (ticks.empty()) return;
    if (listening_) {
        listening_->restore(ticks);
    } else {
        restored_ = std::move(ticks);
    }
}

bool Ingest::is_tape_full() const {
    return listening_ && listening_->is_tape_full();
}

void Ingest::note_wanted(VenueId venue) {
    if (listening_) listening_->note_wanted(venue);
}

const std::vector<FeedReport>& Ingest::feeds() const {
    return listening_ ? listening_->reports() : writer_feeds_;
}

std::optional<PricingReport> Ingest::pricing() const {
    return listening_ ? listening_->pricing() : writer_pricing_;
}

std::string Ingest::note(std::string alerts) const {
    WriterNote note{feeds(), {}, pricing(), std::move(alerts)};
    for (const auto& [name, budget] : parts_.metered) note.budgets[name] = budget.to_text();
    return to_text(parts_.map, note);
}

std::string Ingest::take_note(std::string_view text) {
    auto note = parse_writer_note(parts_.map, text);
    if (!note) return {};
    writer_feeds_ = std::move(note->feeds);
    if (!listening_) refusals_.clear();
    if (note->pricing) refusals_.restore(note->pricing->refusals);
    writer_pricing_ = std::move(note->pricing);
    for (const auto& [name, budget] : parts_.metered) {
        const auto found = note->budgets.find(name);
        if (found == note->budgets.end()) continue;
        if (listening_) {
            budget.join(found->second);
        } else {
            budget.adopt(found->second);
        }
    }
    return std::move(note->alerts);
}

/// Replicas that cannot coordinate spend an equal share each.
void Ingest::share_budgets() {
    if (std::exchange(writers_, parts_.log.writers()) == parts_.log.writers()) return;
    for (const auto& [name, budget] : parts_.metered) budget.share_among(static_cast<int>(writers_));
}

}  // namespace kurs
