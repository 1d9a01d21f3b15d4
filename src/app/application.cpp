// Builds the graph. This file, stores.cpp for Redis and Postgres, and feeds.cpp for the venues name the
// concrete classes of several modules.
#include "kurs/app/application.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "kurs/app/history.hpp"
#include "kurs/app/listening.hpp"
#include "kurs/app/logging.hpp"
#include "kurs/app/readings.hpp"
#include "kurs/app/recovery.hpp"
#include "kurs/app/server_limits.hpp"
#include "kurs/app/sharing.hpp"
#include "kurs/app/stores.hpp"
#include "kurs/app/version.hpp"
#include "kurs/domain/endpoint.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/server/server.hpp"
#include "kurs/web/assets.hpp"

namespace kurs {
namespace {

/// How long answers under way and feeds may take to end.
constexpr Duration drain_limit = std::chrono::seconds(6);

/// Set back by less is a matter of the clock's own correction.
constexpr Duration clock_step = std::chrono::seconds(1);

constexpr Duration role_check_every{50};

enum class Ending { could_not_start, stopped, clock_set_back };

/// Larger than that of any earlier run, as long as the board changes less than once a microsecond. Copies
/// that share a view number its changes themselves.
std::uint64_t first_version(const Clock& clock, bool is_shared) {
    if (is_shared) return 0;
    return static_cast<std::uint64_t>(std::chrono::microseconds(clock.now().time_since_epoch()).count());
}

class Application {
public:
    /// Both must outlive the application.
    Application(const Configuration& configuration, net::io_context& loop, net::signal_set& signals)
        : loop_(loop),
          signals_(signals),
          configuration_(configuration),
          settings_(configuration.settings),
          map_(configuration.market),
          board_(map_, settings_.failback_after, first_version(clock_, !settings_.redis_url.empty())),
          queue_(make_shared_queue(loop_.get_executor(), settings_, clock_)),
          history_(loop_.get_executor(), clock_, settings_.history_queue, make_history_stores(configuration),
                   [this](const Recovered& known) { restore(known); }),
          api_(api_sources(), settings_.cors_allow_origin),
          server_(
              loop_.get_executor(), api_, clock_,
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
        if (queue_) begin_sharing();
        tasks_.spawn("listening", keep_listening());
        tasks_.spawn("http server", server_.run());
        tasks_.spawn("push", server_.tell_subscribers());
        tasks_.spawn("time", follow_time());
        tasks_.spawn("loop lag", instruments_.watch_loop());
        control_.spawn("signals", obey_signals());
        loop_.run();  // until it has run out of work
        spdlog::info("stopped");
        return ending_;
    }

private:
    void begin_sharing() {
        PeerEvents peers{[this] { return lines(); },
                         [this](VenueId venue, TimePoint now) { note_pinned(venue, now); }};
        sharing_.emplace(loop_.get_executor(), map_, clock_, *queue_, board_, settings_.failback_after,
                         history_, spending_, std::move(peers));
    }

    void note_pinned(VenueId venue, TimePoint now) {
        if (listening_) listening_->intake().note_pinned(venue, now);
    }

    /// Listens to the venues whenever this copy is to.
    net::awaitable<void> keep_listening() {
        for (;;) {
            const bool is_wanted = !sharing_ || sharing_->is_listening();
            if (is_wanted && !listening_) begin_listening();
            if (!is_wanted && listening_) co_await end_listening();
            co_await sleep_for(role_check_every);
        }
    }

    void begin_listening() {
        Board& board = sharing_ ? sharing_->begin_draft() : board_;
        listening_.emplace(loop_.get_executor(), configuration_, clock_, board, intake_events(),
                           held_ticks(board), spending_, instruments_,
                           sharing_ ? ViewPace{}.lead() : Duration{});
        listening_->intake().restore(std::exchange(recovered_, {}));
    }

    net::awaitable<void> end_listening() {
        if (!listening_) co_return;
        const auto left = co_await listening_->end(drain_limit);
        for (const auto& name : left) spdlog::error("task {} did not end", name);
        if (!left.empty()) std::_Exit(1);
        listening_.reset();
        if (sharing_) sharing_->end_draft();
    }

    /// What changes goes to history, or to all copies, whose history is what they serve.
    IntakeEvents intake_events() {
        if (sharing_)
            return {[this](const Quote& quote, TimePoint) { sharing_->note(quote); },
                    [this](const LostDirection& lost, TimePoint) { sharing_->note(lost); },
                    [this](ActiveChange change) { sharing_->note(std::move(change)); }};
        return {[this](const Quote& quote, TimePoint now) { history_.record(quote, now); },
                [this](const LostDirection& lost, TimePoint now) {
                    history_.record_loss(lost.venue, lost.direction, now);
                },
                [this](const ActiveChange& change) { history_.record(change); }};
    }

    api::Sources api_sources() {
        return {.board = board_,
                .journal = history_.journal(),
                .not_ready = [this] { return why_not_ready(); },
                .feeds = [this] { return lines(); },
                .on_pinned =
                    [this](VenueId venue, TimePoint now) {
                        note_pinned(venue, now);
                        if (sharing_) sharing_->note_pinned(venue, now);
                    },
                .advance_board =
                    [this](TimePoint now) {
                        if (sharing_) sharing_->follow_time(now);
                    },
                .is_shared = [this](std::uint64_t shown) { return !sharing_ || sharing_->is_shared(shown); },
                .metrics = [this] { return instruments_.page(take_readings(reading_points())); },
                .assets = web::assets(),
                .version = build_version};
    }

    ReadingPoints reading_points() const {
        return {configuration_,
                clock_,
                board_,
                history_,
                spending_,
                server_,
                listening_ ? &*listening_ : nullptr,
                sharing_ ? &*sharing_ : nullptr};
    }

    /// Of a follower, the leader's.
    std::vector<api::FeedReport> lines() const {
        if (listening_) return listening_->lines().lines();
        return sharing_ ? sharing_->leader_lines() : std::vector<api::FeedReport>();
    }

    std::vector<std::string> why_not_ready() const {
        if (is_stopping_) return {"stopping"};
        auto reasons = lacking_exchangers(board_, clock_.now());
        if (reasons.empty()) return {};
        for (const auto& line : lines())
            reasons.push_back("feed " + line.name + " is " + line.state + ": " + line.reason);
        return reasons;
    }

    void restore(const Recovered& known) {
        recovered_ = recovered_ticks(map_, known.quotes);
        if (listening_) listening_->intake().restore(std::exchange(recovered_, {}));
    }

    net::awaitable<void> follow_time() {
        for (;;) {
            const auto wait = listening_ ? listening_->intake().until_next_change() : role_check_every;
            co_await sleep_for(wait);
            if (sharing_) sharing_->follow_time(clock_.now());
            if (listening_) listening_->intake().follow_time();
            instruments_.note_active(board_.active(), clock_.now());
            const auto behind = clock_.follow_system();
            if (behind < clock_step || is_stopping_) continue;
            // Followed back, what is held would look young: a new beginning holds nothing.
            spdlog::warn("starting anew: the system's clock was set back by {} ms", behind.count());
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
                spdlog::info("signal {} ignored: settings are read at start", number);
                continue;
            }
            if (was_told_to_stop) std::_Exit(130);  // a second signal: at once
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

    net::awaitable<void> stop() {
        server_.stop();
        const auto cut = co_await server_.drain(drain_limit);
        if (cut > 0) spdlog::warn("{} connections had to be cut", cut);
        tasks_.stop();
        auto left = co_await tasks_.drain(drain_limit);
        for (const auto& name : left) spdlog::error("task {} did not end", name);
        co_await end_listening();
        if (sharing_) co_await end_sharing();
        if (!sharing_ && board_.active()) record_stop();
        co_await history_.finish();
        signals_.cancel();
        if (!left.empty()) std::_Exit(1);
    }

    /// Others may go on, so that nothing has ended with this copy.
    net::awaitable<void> end_sharing() {
        const auto left = co_await sharing_->stop(drain_limit);
        for (const auto& name : left) spdlog::error("task {} did not end", name);
        if (!left.empty()) std::_Exit(1);
        co_await sharing_->leave();
        queue_->close();
    }

    void record_stop() {
        const ActiveChange stop{clock_.now(), "", "stopped"};
        history_.record(stop);
    }

    net::io_context& loop_;
    net::signal_set& signals_;
    const Configuration& configuration_;
    const Settings& settings_;
    const MarketMap& map_;
    Instruments instruments_{map_};
    Clock clock_;
    Board board_;                         ///< what is served
    std::unique_ptr<SharedQueue> queue_;  ///< null: there are no other copies
    History history_;
    std::optional<Sharing> sharing_;
    coingecko::Spending spending_;
    std::optional<Listening> listening_;
    std::vector<Tick> recovered_;  ///< of an earlier run, until this copy listens
    api::Api api_;
    server::Server server_;
    TaskGroup tasks_;
    TaskGroup control_;  ///< what stops the others
    bool is_stopping_ = false;
    Ending ending_ = Ending::stopped;
};

}  // namespace

int serve(const Configuration& configuration) {
    constexpr int one_thread = 1;
    net::io_context loop{one_thread};
    // Outlives a new beginning, so that no signal is lost in between.
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
