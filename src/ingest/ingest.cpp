#include "kurs/ingest/ingest.hpp"

#include <spdlog/spdlog.h>

#include <random>
#include <utility>

#include "kurs/feed/poll_feed.hpp"
#include "kurs/feed/refusal_count.hpp"
#include "kurs/feed/stream_feed.hpp"
#include "kurs/ingest/arbiter.hpp"
#include "kurs/ingest/draft.hpp"
#include "kurs/ingest/feed_book.hpp"
#include "kurs/ingest/writer_note.hpp"

namespace kurs {
namespace {

constexpr Duration role_check_every{50};
constexpr Duration end_limit = std::chrono::seconds(6);

std::string source_text(const MarketMap& map, const ReferenceSource& source) {
    return map.name(map.symbol(source.legs.front().symbol).venue) + " " +
           map.formula(source.legs, source.references);
}

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

/// The feeds and the draft, from the moment this process starts listening until it stops.
class Ingest::Listening {
public:
    Listening(const net::any_io_executor& loop, const IngestParts& parts, RefusalLog& refusal_log)
        : map_(parts.map),
          clock_(parts.clock),
          parts_(parts),
          refusal_log_(refusal_log),
          arbiter_(map_),
          draft_(map_, parts.failback_after, parts.log.delay(), parts.log.snapshot(), clock_.now()),
          refusals_(map_.venues.size()),
          feeds_(parts.make_feeds()),
          streams_(map_.venues.size()),
          tasks_(loop) {
        tasks_.spawn("freshness", follow_time());
        for (auto& feeds : feeds_) start(feeds);
    }

    void restore(const std::vector<Tick>& ticks) {
        parts_.log.append(draft_.restore(ticks, clock_.now()));
        take(draft_.follow_time(clock_.now()));
    }

    void note_wanted(VenueId venue) { draft_.note_wanted(venue, clock_.now()); }

    const std::vector<FeedReport>& reports() const { return book_.reports(); }

    PricingReport pricing() const {
        const auto now = clock_.now();
        return {now, refusal_log_.recent(now), draft_.report_references(now)};
    }

    net::awaitable<bool> end(Duration limit) { return tasks_.end(limit); }

private:
    net::awaitable<void> follow_time() {
        for (;;) {
            take(draft_.follow_time(clock_.now()));
            co_await sleep_for(draft_.until_next_change(clock_.now()));
        }
    }

    void start(VenueFeeds& feeds) {
        if (feeds.listing) start_poll(*feeds.listing, feeds, [] { return false; });
        if (feeds.stream) start_streams(*feeds.stream, feeds);
        if (!feeds.poll) return;
        auto is_needed = [this, venue = feeds.venue, is_standby = feeds.is_standby] {
            const auto now = clock_.now();
            const bool is_bridged = is_streaming(venue) && !draft_.is_short_soon(venue, now);
            return is_standby && !is_bridged && draft_.is_needed(venue, now);
        };
        start_poll(*feeds.poll, feeds, std::move(is_needed));
    }

    void start_streams(const StreamPlan& plan, const VenueFeeds& feeds) {
        for (std::size_t i = 0; i < plan.connections; ++i) start_stream(plan, feeds, i);
    }

    void start_stream(const StreamPlan& plan, const VenueFeeds& feeds, std::size_t number) {
        const auto venue = feeds.venue;
        const auto name = plan.connections == 1 ? plan.name : plan.name + "/" + std::to_string(number + 1);
        StreamFeed feed{name, endpoints_of(plan, number), *plan.venue, map_, clock_, parts_.trust, {}};
        feed.first_address = number;
        feed.events = events(name, venue, plan.venue.get(), false);
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
        auto* const stream = feeds.stream ? feeds.stream->venue.get() : nullptr;
        PollFeed feed{plan.name,           plan.endpoint,
                      *plan.session,       clock_,
                      parts_.trust,        events(plan.name, feeds.venue, stream, stream != nullptr),
                      std::move(is_needed)};
        feed.proxy = feeds.proxy;
        feed.user_agent = parts_.user_agent;
        tasks_.spawn(plan.name, run_poll_feed(std::move(feed)));
    }

    FeedEvents events(const std::string& name, VenueId venue, StreamVenue* stream, bool is_bridge) {
        book_.add(name, venue, clock_.now());
        const Arbiter::Source source{book_.reports().size(), is_bridge};
        const auto observer = parts_.observe(venue, name);
        return {[this, name, venue, source, stream, observer](const Outcome& outcome) {
                    if (!outcome.ticks.empty()) book_.note_tick(name, clock_.now());
                    observer.on_outcome(outcome);
                    note(venue, outcome.refusals);
                    for (const Listing& listing : outcome.listings) take(venue, listing, stream);
                    take(venue, arbiter_.news(source, outcome.ticks, clock_.now()));
                },
                [this, name, observer](FeedState state, std::string_view reason) {
                    if (book_.note_state(name, state, reason, clock_.now())) observer.on_reconnect();
                },
                observer.on_failure};
    }

    /// Values that the session refused. Those of unknown symbols explain no rate.
    void note(VenueId venue, const std::vector<Refusal>& refusals) {
        for (const auto& [reason, what] : refusals)
            if (const auto symbol = map_.find_symbol(map_.name(venue), what))
                refusal_log_.add(*symbol, reason, std::nullopt, std::nullopt, clock_.now());
    }

    void take(VenueId venue, const std::vector<Tick>& ticks) {
        if (ticks.empty()) return;
        const auto now = clock_.now();
        auto update = draft_.apply(ticks, now);
        auto& refusals = refusals_[index(venue)];
        for (const auto& [symbol, reason, bid, ask] : update.refused) {
            refusal_log_.add(symbol, reason, bid, ask, now);
            const auto& name = map_.symbol(symbol).name;
            spdlog::debug("pricer {}: refused {}: {}", map_.name(venue), name, to_string(reason));
            refusals.add({reason, name});
            parts_.on_refused_tick(venue, reason);
        }
        if (const auto report = refusals.report(now))
            spdlog::warn("pricer {}: refused {}", map_.name(venue), *report);
        take(std::move(update));
    }

    void take(VenueId venue, const Listing& listing, StreamVenue* stream) {
        auto update = draft_.set_trading(listing.symbol, listing.is_trading, clock_.now());
        if (!update) return;
        const auto& name = map_.symbol(listing.symbol).name;
        if (listing.is_trading) {
            spdlog::info("venue {}: symbol {} is trading again", map_.name(venue), name);
        } else {
            spdlog::error("venue {}: symbol {} not trading, status={}", map_.name(venue), name,
                          listing.status);
        }
        if (stream) stream->set_trading(listing.symbol, listing.is_trading);
        take(*std::move(update));
    }

    void take(DraftUpdate update) {
        for (const auto& change : update.reference_changes) report(change);
        for (const auto& change : update.standings) report(change);
        if (update.active) report(*update.active);
        if (!update.change.is_empty()) parts_.log.append(std::move(update.change));
    }

    void report(const VenueChange& change) const {
        if (!change.from)
            return spdlog::info("active exchanger is {}: {}", map_.name(change.to), change.reason);
        spdlog::warn("active exchanger is now {}, was {}: {}", map_.name(change.to), map_.name(*change.from),
                     change.reason);
    }

    void report(const StandingChange& change) const {
        const auto& [venue, standing, reason] = change.verdict;
        const auto direction = map_.direction(change.direction).text();
        const bool is_over = change.before == Standing::disputed && standing == Standing::trusted;
        if (standing == Standing::disputed)
            return spdlog::warn("dispute {} {}: {}", map_.name(venue), direction, reason);
        if (is_over) return spdlog::info("dispute {} {}: over", map_.name(venue), direction);
        spdlog::debug("dispute {} {}: {}", map_.name(venue), direction, reason.empty() ? "trusted" : reason);
    }

    void report(const ReferenceSourceChange& change) const {
        const auto& rate = map_.reference_rates[index(change.rate)];
        if (!change.source) return spdlog::error("reference rate {}: no fresh source", rate.direction.text());
        const bool is_first = *change.source == 0;
        spdlog::log(is_first ? spdlog::level::info : spdlog::level::warn, "reference rate {}: source is {}{}",
                    rate.direction.text(), source_text(map_, rate.sources[*change.source]),
                    is_first            ? ""
                    : change.is_doubted ? ", preferred sources differ from the others"
                                        : ", preferred sources are stale");
    }

    const MarketMap& map_;
    const Clock& clock_;
    const IngestParts& parts_;
    RefusalLog& refusal_log_;
    Arbiter arbiter_;
    Draft draft_;
    FeedBook book_;
    std::vector<RefusalCount> refusals_;  ///< of each venue
    std::vector<VenueFeeds> feeds_;
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
