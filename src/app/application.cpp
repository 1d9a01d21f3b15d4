// Builds the graph in the order in which a rate travels: venues, ingest, board log, board and history,
// server.
#include "kurs/app/application.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "kurs/app/history.hpp"
#include "kurs/app/instruments.hpp"
#include "kurs/app/logging.hpp"
#include "kurs/app/readings.hpp"
#include "kurs/app/server_limits.hpp"
#include "kurs/app/stores.hpp"
#include "kurs/app/venues.hpp"
#include "kurs/app/version.hpp"
#include "kurs/domain/endpoint.hpp"
#include "kurs/ingest/known_ticks.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/server/server.hpp"
#include "kurs/venues/all.hpp"
#include "kurs/web/assets.hpp"

namespace kurs {
namespace {

/// The time limit for each of: requests in flight, feeds, board log.
constexpr Duration drain_limit = std::chrono::seconds(6);

/// A smaller step back is a regular clock correction.
constexpr Duration clock_step = std::chrono::seconds(1);

constexpr Duration clock_check_every = std::chrono::milliseconds(100);

enum class Ending { could_not_start, stopped, clock_set_back };

class Application {
public:
    /// All must outlive the application.
    Application(const Configuration& configuration, net::io_context& loop, net::signal_set& signals)
        : loop_(loop),
          signals_(signals),
          configuration_(configuration),
          settings_(configuration.settings),
          map_(configuration.market),
          board_(map_, settings_.failback_after),
          venues_(all_venues(), settings_.values, map_),
          history_(
              loop_.get_executor(), clock_, settings_.history_queue, make_history_stores(configuration),
              [this](const history::Recovered& known) { ingest_.restore(known_ticks(map_, known.quotes)); }),
          log_(make_board_log(loop_.get_executor(), configuration, clock_, board_, log_events())),
          ingest_(loop_.get_executor(), ingest_parts()),
          api_(api_sources(), settings_.cors_allow_origin),
          server_(
              loop_.get_executor(), api_, [this] { return log_->present(); },
              [this](HistoryQuestion question) { return history_.ask(std::move(question)); },
              server_limits(settings_),
              [this](std::string_view route, unsigned status, std::chrono::nanoseconds took) {
                  instruments_.note_request(route, status, took);
              }),
          tasks_(loop_.get_executor()),
          control_(loop_.get_executor()) {}

    Ending run() {
        const auto port = server_.listen(settings_.http_address, settings_.http_port);
        if (!port) {
            spdlog::critical("{}", port.error());
            return Ending::could_not_start;
        }
        const Endpoint own{false, settings_.http_address, *port, {}};
        spdlog::info("kurs {} serves {} directions on http://{}/api/v1/courses", build_version,
                     map_.directions.size(), to_string(own));
        tasks_.spawn("board log", log_->run());
        tasks_.spawn("ingest", ingest_.run());
        tasks_.spawn("http server", server_.run());
        tasks_.spawn("push", server_.tell_subscribers());
        tasks_.spawn("clock", watch_clock());
        tasks_.spawn("loop lag", instruments_.watch_loop());
        control_.spawn("signals", obey_signals());
        loop_.run();  // until it has no more work
        spdlog::info("stopped");
        return ending_;
    }

private:
    BoardLogEvents log_events() {
        return {.on_change =
                    [this](const BoardChange& change) {
                        history_.record(change);
                        instruments_.note_active(board_.active(), clock_.now());
                    },
                .on_wanted = [this](VenueId venue) { ingest_.note_wanted(venue); },
                .make_note = [this] { return ingest_.note(); },
                .on_note = [this](std::string_view text) { ingest_.take_note(text); }};
    }

    IngestParts ingest_parts() {
        return {.map = map_,
                .clock = clock_,
                .trust = configuration_.trust,
                .log = *log_,
                .metered = venues_.metered(),
                .failback_after = settings_.failback_after,
                .user_agent = std::string("kurs/") + build_version,
                .make_feeds = [this] { return venues_.make_feeds(); },
                .observe = [this](VenueId venue,
                                  const std::string& feed) { return instruments_.observe_feed(venue, feed); },
                .on_refused_tick = [this](VenueId venue,
                                          errc reason) { instruments_.note_refusal(venue, reason); }};
    }

    api::Sources api_sources() {
        return {.board = board_,
                .failovers = history_.failovers(),
                .not_ready = [this] { return why_not_ready(); },
                .feeds = [this] { return ingest_.feeds(); },
                .on_requested = [this](VenueId venue, TimePoint) { log_->want(venue); },
                .is_shared = [this](std::uint64_t version) { return log_->is_common(version); },
                .metrics = [this] { return instruments_.page(take_readings(reading_points())); },
                .assets = web::assets(),
                .version = build_version};
    }

    ReadingPoints reading_points() const {
        return {map_, clock_, board_, history_, *log_, ingest_, venues_.metered(), server_};
    }

    std::vector<std::string> why_not_ready() const {
        if (is_stopping_) return {"stopping"};
        auto reasons = unserved_exchangers(board_, clock_.now());
        if (reasons.empty()) return {};
        for (const auto& feed : ingest_.feeds())
            reasons.push_back("feed " + feed.name + " is " + std::string(to_string(feed.state)) + ": " +
                              feed.reason);
        return reasons;
    }

    net::awaitable<void> watch_clock() {
        for (;;) {
            co_await sleep_for(clock_check_every);
            const auto behind = clock_.follow_system();
            if (behind < clock_step || is_stopping_) continue;
            // A clock that is set back would make every stored value look younger. A restart stores none.
            spdlog::warn("restarting: system clock set back by {} ms", behind.count());
            begin_stop(Ending::clock_set_back);
        }
    }

    net::awaitable<void> obey_signals() {
        bool was_told_to_stop = false;
        for (;;) {
            const int number = co_await signals_.async_wait(net::use_awaitable);
            if (number == SIGUSR1) {
                toggle_debug(settings_.log_level);
                continue;
            }
            if (number == SIGHUP || number == SIGUSR2) {
                spdlog::info("signal {} ignored: settings are read only at startup", number);
                continue;
            }
            if (was_told_to_stop) std::_Exit(130);  // a second signal exits at once
            was_told_to_stop = true;
            spdlog::info("stopping: signal {}", number);
            begin_stop(Ending::stopped);
        }
    }

    void begin_stop(Ending ending) {
        ending_ = ending;
        if (std::exchange(is_stopping_, true)) return;
        control_.spawn("stop", stop());
    }

    /// Stops the graph in the direction in which rates travel, so that the last change is recorded and
    /// written.
    net::awaitable<void> stop() {
        server_.stop();
        const auto cut = co_await server_.drain(drain_limit);
        if (cut > 0) spdlog::warn("stopping: connections closed at the time limit, count={}", cut);
        bool has_ended = co_await tasks_.end(drain_limit);
        has_ended &= co_await ingest_.end(drain_limit);
        has_ended &= co_await log_->close(drain_limit);
        co_await history_.finish();
        signals_.cancel();
        if (!has_ended) std::_Exit(1);  // a task that never ends would keep the loop running
    }

    net::io_context& loop_;
    net::signal_set& signals_;
    const Configuration& configuration_;
    const Settings& settings_;
    const MarketMap& map_;
    Instruments instruments_{map_};
    Clock clock_;
    Board board_;  ///< the served board; only the log changes it
    Venues venues_;
    History history_;
    std::unique_ptr<BoardLog> log_;
    Ingest ingest_;
    api::Api api_;
    server::Server server_;
    TaskGroup tasks_;
    TaskGroup control_;  ///< the tasks that stop the others
    bool is_stopping_ = false;
    Ending ending_ = Ending::stopped;
};

}  // namespace

int serve(const Configuration& configuration) {
    constexpr int one_thread = 1;
    net::io_context loop{one_thread};
    // Outlives a restart, so that no signal is lost in between.
    net::signal_set signals(loop, SIGTERM, SIGINT, SIGUSR1);
    for (const int number : {SIGHUP, SIGUSR2}) signals.add(number);
    auto ending = Ending::clock_set_back;
    while (ending == Ending::clock_set_back) {
        Application application(configuration, loop, signals);
        ending = application.run();
        loop.restart();
    }
    return ending == Ending::stopped ? 0 : 1;
}

}  // namespace kurs
