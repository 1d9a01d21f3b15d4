#include "kurs/app/graph.hpp"

#include <algorithm>
#include <utility>

#include "kurs/app/readings.hpp"
#include "kurs/app/recording.hpp"
#include "kurs/app/stores.hpp"
#include "kurs/app/troubles.hpp"
#include "kurs/app/version.hpp"
#include "kurs/feed/poll_feed.hpp"
#include "kurs/web/assets.hpp"

namespace kurs {
namespace {

/// The time limit for each of: the graph's own tasks, feeds, board log.
constexpr Duration end_limit = std::chrono::seconds(6);

/// How often a replaced graph checks whether its history is written.
constexpr Duration written_check_every = std::chrono::milliseconds(250);

/// Longer than a handler waits in the loop's queue.
constexpr Duration settling = std::chrono::milliseconds(100);

constexpr std::uint64_t largest_reserve_document = 1u << 20;

std::string describe(const FeedReport& feed) {
    return "feed " + feed.name + " is " + std::string(to_string(feed.state)) + ": " + feed.reason;
}

std::optional<api::Locking> locking_of(const Configuration& configuration) {
    if (!configuration.signing_keys) return std::nullopt;
    return api::Locking{*configuration.signing_keys, configuration.settings.quote_ttl_max, random_uuid};
}

std::vector<std::string> exchanger_names(const MarketMap& map) {
    std::vector<std::string> names;
    for (const VenueId venue : map.exchangers) names.push_back(map.name(venue));
    return names;
}

}  // namespace

Graph::Graph(std::shared_ptr<const Configuration> configuration, net::io_context& loop,
             const server::Server& server, const Graph* serving, bool keeps_values)
    : configuration_(std::move(configuration)),
      map_(configuration_->market),
      server_(server),
      clock_(serving && keeps_values ? serving->clock_ : Clock()),
      board_(map_, configuration_->settings.failback_after),
      venues_(configuration_->venues, configuration_->settings.values, map_),
      history_(loop.get_executor(), clock_, configuration_->settings.history_queue,
               make_history_stores(*configuration_, serving != nullptr),
               [this](history::Recovered known) { ingest_.restore(std::move(known.ticks)); }),
      quotes_(make_quote_stores(*configuration_)),
      log_(make_board_log(loop.get_executor(), *configuration_, clock_, board_, log_events())),
      ingest_(loop.get_executor(), ingest_parts()),
      alerts_(configuration_->alert_receiver, alert_parts()),
      api_(api_sources(), configuration_->settings.cors_allow_origin),
      front_(
          loop.get_executor(), api_, [this] { return log_->present(); },
          [this](api::Lookup lookup) { return look_up(std::move(lookup)); }, server.limits().push,
          [this](std::string_view route, unsigned status, std::chrono::nanoseconds took) {
              instruments_.note_request(route, status, took);
          }),
      tasks_(loop.get_executor()),
      is_serving_(serving == nullptr) {
    if (serving && keeps_values) carry_over(*serving);
    log_->set_apart(serving != nullptr);
    tasks_.spawn("board log", log_->run());
    tasks_.spawn("ingest", ingest_.run());
    tasks_.spawn("push", front_.tell_subscribers());
    poll_reserves();
    tasks_.spawn("alerts watch", alerts_.watch());
    tasks_.spawn("alerts tell", alerts_.tell());
    tasks_.spawn("loop lag", instruments_.watch_loop());
}

BoardLogEvents Graph::log_events() {
    return {.on_change = [this](const BoardChange& change) { note_change(change); },
            .on_wanted = [this](VenueId venue) { ingest_.note_wanted(venue); },
            .make_note = [this] { return ingest_.note(alerts_.note()); },
            .on_note = [this](std::string_view text) { alerts_.take_note(ingest_.take_note(text)); }};
}

IngestParts Graph::ingest_parts() {
    return {
        .map = map_,
        .clock = clock_,
        .trust = configuration_->trust,
        .log = *log_,
        .metered = venues_.metered(),
        .failback_after = configuration_->settings.failback_after,
        .user_agent = std::string("kurs/") + build_version,
        .make_feeds = [this] { return venues_.make_feeds(); },
        .observe = [this](VenueId venue,
                          const std::string& feed) { return instruments_.observe_feed(venue, feed); },
        .on_refused_tick = [this](VenueId venue, errc reason) { instruments_.note_refusal(venue, reason); },
        .make_tape = [this](TimePoint now) { return start_tape(*configuration_, now); }};
}

api::Sources Graph::api_sources() {
    return {.board = board_,
            .failovers = history_.failovers(),
            .not_ready = [this] { return why_not_ready(); },
            .feeds = [this] { return ingest_.feeds(); },
            .on_requested = [this](VenueId venue, TimePoint) { log_->want(venue); },
            .is_shared = [this](std::uint64_t version) { return log_->is_common(version); },
            .metrics =
                [this] {
                    return instruments_.page(take_readings({map_, clock_, board_, history_, *log_, ingest_,
                                                            venues_.metered(), server_, front_}));
                },
            .assets = web::assets(),
            .pricing = [this] { return ingest_.pricing(); },
            .version = build_version,
            .exports = &configuration_->exports,
            .reserves = &reserves_,
            .access = configuration_->access ? &*configuration_->access : nullptr,
            .locking = locking_of(*configuration_)};
}

net::awaitable<api::Finding> Graph::look_up(api::Lookup lookup) {
    if (auto* const history = std::get_if<api::HistoryLookup>(&lookup.asked)) {
        auto answer = co_await history_.ask(std::move(history->question));
        co_return answer;
    }
    auto answer = co_await quotes_.ask(std::move(std::get<api::QuoteLookup>(lookup.asked).question));
    co_return answer;
}

Alerts::Parts Graph::alert_parts() {
    return {.clock = clock_,
            .trust = configuration_->trust,
            .is_sender = [this] { return is_serving_ && log_->is_writer(); },
            .find_troubles =
                [this] {
                    const auto now = clock_.now();
                    const TroublePoints points{board_,    ingest_.feeds(),   configuration_->exports,
                                               reserves_, venues_.metered(), history_.reading(now)};
                    return find_troubles(points, now);
                }};
}

std::vector<std::string> Graph::why_not_ready() const {
    if (server_.is_stopping()) return {"stopping"};
    auto reasons = unserved_exchangers(board_, clock_.now());
    if (reasons.empty()) return {};
    for (const auto& feed : ingest_.feeds()) reasons.push_back(describe(feed));
    return reasons;
}

/// Symbols and feeds keep their names, whatever their places in the market map.
void Graph::carry_over(const Graph& serving) {
    std::vector<Tick> ticks;
    for (const auto& quote : serving.board_.snapshot().quotes) {
        if (quote.is_disputed()) continue;
        for (const auto& leg : quote.legs) {
            const auto& symbol = serving.map_.symbol(leg.symbol);
            const auto own = map_.find_symbol(serving.map_.name(symbol.venue), symbol.name);
            if (own) ticks.push_back({*own, leg.bid, leg.ask, leg.observed_at, 0, leg.confirmation});
        }
    }
    ingest_.restore(std::move(ticks));
    ingest_.take_note(serving.ingest_.note());
}

void Graph::note_change(const BoardChange& change) {
    if (!is_serving_) return;
    history_.record(change);
    if (instruments_.note_active(board_.active(), clock_.now()) && change.active)
        alerts_.note_failover(*change.active);
}

const Quote* Graph::find(const std::string& exchanger, const Direction& direction) const {
    const auto venue = map_.find_venue(exchanger);
    const auto id = map_.find_direction(direction);
    return venue && id ? board_.find(*venue, *id) : nullptr;
}

std::string Graph::active() const {
    const auto venue = board_.active();
    return venue ? map_.name(*venue) : "";
}

std::vector<std::string> Graph::missing_beside(const Graph& serving) const {
    const auto now = clock_.now();
    const auto is_fresh = [now](const Quote* quote) { return quote && quote->is_fresh(now); };
    std::vector<std::string> missing;
    for (const auto& route : map_.routes) {
        const auto& exchanger = map_.name(route.venue);
        const auto& direction = map_.direction(route.direction);
        if (is_fresh(serving.find(exchanger, direction)) && !is_fresh(find(exchanger, direction)))
            missing.push_back(exchanger + " " + direction.text());
    }
    const auto& feeds = serving.ingest_.feeds();
    for (const auto& feed : ingest_.feeds()) {
        const bool has_answered = feed.state == FeedState::live || feed.state == FeedState::waiting;
        const bool is_live_there = std::ranges::any_of(feeds, [&feed](const FeedReport& other) {
            return other.name == feed.name && other.state == FeedState::live;
        });
        if (is_live_there && !has_answered) missing.push_back(describe(feed));
    }
    // With other exchangers the choice may differ; with the same ones it would be a failover that never was.
    const bool must_agree = exchanger_names(map_) == exchanger_names(serving.map_);
    if (serving.board_.active() && (!board_.active() || (must_agree && active() != serving.active())))
        missing.push_back(serving.active() + " as the active exchanger");
    if (board_.version() < serving.board_.version()) missing.push_back("the newest version of the board");
    if (missing.empty() && serving.why_not_ready().empty()) return why_not_ready();
    return missing;
}

void Graph::take_over(const std::shared_ptr<Graph>& previous) {
    previous->is_serving_ = false;
    is_serving_ = true;
    log_->set_apart(false);
    alerts_.take_note(previous->alerts_.note());
    history_.continue_from(std::shared_ptr<const History>(previous, &previous->history_));
    record_difference(*previous);
    instruments_.note_active(board_.active(), clock_.now());
}

/// Replicas with a leader have the same board, of which nothing is recorded twice.
void Graph::record_difference(const Graph& previous) {
    const auto is_known = [&](const Quote& quote) {
        const auto* const before = previous.find(map_.name(quote.venue), map_.direction(quote.direction));
        return before && before->observed_at == quote.observed_at && before->bid == quote.bid &&
               before->value == quote.value && before->ask == quote.ask;
    };
    auto changed = board_.snapshot();
    BoardChange known;
    known.is_snapshot = true;
    std::ranges::copy_if(changed.quotes, std::back_inserter(known.quotes), is_known);
    std::erase_if(changed.quotes, is_known);
    changed.lost.clear();
    changed.visible_at = clock_.now();
    changed.active.reset();
    if (board_.active() && active() != previous.active())
        changed.active = ActiveChange{changed.visible_at, active(), "new configuration"};
    history_.record(known);
    history_.record(changed);
}

/// Every replica asks for itself: a reserve is no rate, and the board log has none.
void Graph::poll_reserves() {
    const auto& sources = configuration_->exports.reserve_sources;
    reserve_polls_.reserve(sources.size());
    for (const auto& source : sources) {
        auto& poll = reserve_polls_.emplace_back(source, reserve_polls_.size(), reserves_);
        const auto name = "reserve " + to_string(source.endpoint) + source.pointer;
        const FeedEvents ignored{[](const Outcome&, TimePoint) {}, [](FeedState, std::string_view) {}};
        PollFeed feed{name,    source.endpoint,    poll, clock_, configuration_->trust,
                      ignored, [] { return true; }};
        feed.limits.body_max = largest_reserve_document;
        feed.user_agent = std::string("kurs/") + build_version;
        tasks_.spawn(name, run_poll_feed(std::move(feed)));
    }
}

net::awaitable<bool> Graph::end_all_but_history() {
    bool has_ended = co_await tasks_.end(end_limit);
    has_ended &= co_await ingest_.end(end_limit);
    has_ended &= co_await log_->close(end_limit);
    co_return has_ended;
}

net::awaitable<bool> Graph::stop() {
    bool has_ended = co_await end_all_but_history();
    has_ended &= co_await history_.finish();
    co_return has_ended;
}

net::awaitable<void> Graph::retire() {
    bool has_ended = co_await end_all_but_history();
    while (!history_.is_written() && !server_.is_stopping()) co_await sleep_for(written_check_every);
    // What does not end refers to this graph.
    while (!has_ended) has_ended = co_await end_all_but_history();
    bool is_finished = co_await history_.finish();
    while (!is_finished) is_finished = co_await history_.finish();
    co_await sleep_for(settling);  // handlers that are queued by now refer to it too
}

}  // namespace kurs
