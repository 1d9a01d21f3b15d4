// Builds the graph. This file, and feeds.cpp for the venues, name the concrete classes of several modules.
#include "kurs/app/application.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "kurs/app/feeds.hpp"
#include "kurs/app/history.hpp"
#include "kurs/app/intake.hpp"
#include "kurs/app/line_book.hpp"
#include "kurs/app/logging.hpp"
#include "kurs/app/recovery.hpp"
#include "kurs/app/server_limits.hpp"
#include "kurs/app/version.hpp"
#include "kurs/http/server.hpp"
#include "kurs/postgres/history.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {
namespace {

/// How long answers under way and feeds may take to end.
constexpr Duration drain_limit = std::chrono::seconds(6);

/// Set back by less is a matter of the clock's own correction.
constexpr Duration clock_step = std::chrono::seconds(1);

/// Questions to history that are answered at the same time.
constexpr int history_sources = 2;

enum class Ending { could_not_start, stopped, clock_set_back };

/// Larger than that of any earlier run, as long as the board changes less than once a microsecond.
std::uint64_t first_version(const Clock& clock) {
    return static_cast<std::uint64_t>(std::chrono::microseconds(clock.now().time_since_epoch()).count());
}

class Application {
public:
    /// Both must outlive the application.
    Application(const Configuration& configuration, net::io_context& loop, net::signal_set& signals)
        : loop_(loop),
          signals_(signals),
          settings_(configuration.settings),
          map_(configuration.market),
          pricer_(map_),
          board_(map_, settings_.failback_after, first_version(clock_)),
          history_(loop_.get_executor(), clock_, settings_.history_queue, history_stores(),
                   [this](const Recovered& known) { intake_.restore(recovered_ticks(map_, known.quotes)); }),
          intake_(map_, clock_, pricer_, board_, intake_events()),
          feeds_(loop_.get_executor(), configuration, clock_, intake_, lines_),
          service_(service_sources(), settings_.cors_allow_origin),
          server_(
              loop_.get_executor(), service_, clock_,
              [this](HistoryQuestion question) { return history_.ask(std::move(question)); },
              server_limits()),
          tasks_(loop_.get_executor()),
          control_(loop_.get_executor()) {}

    Ending run() {
        const auto port = server_.listen(settings_.http_address, settings_.http_port);
        if (!port) {
            spdlog::critical("{}", port.error());
            return Ending::could_not_start;
        }
        spdlog::info("kurs {} serves {} directions on http://{}:{}/api/v1/courses", version,
                     map_.directions.size(), settings_.http_address, *port);
        feeds_.start();
        tasks_.spawn("http server", server_.run());
        tasks_.spawn("time", follow_time());
        control_.spawn("signals", obey_signals());
        loop_.run();  // until it has run out of work
        spdlog::info("stopped");
        return ending_;
    }

private:
    HistoryStores history_stores() const {
        HistoryStores stores;
        const auto& url = settings_.database_url;
        if (url.empty()) return stores;
        stores.archive = postgres::make_archive(url, map_, settings_.history_keep);
        for (int i = 0; i < history_sources; ++i)
            stores.sources.push_back(postgres::make_history_source(url, map_));
        return stores;
    }

    IntakeEvents intake_events() {
        return {[this](const Quote& quote, TimePoint now) { history_.record(quote, now); },
                [this](const LostDirection& lost, TimePoint now) {
                    history_.record_loss(lost.venue, lost.direction, now);
                },
                [this](ActiveChange change) { history_.record(std::move(change)); }};
    }

    http::ServiceSources service_sources() {
        return {board_, history_.journal(), [this] { return why_not_ready(); },
                [this] { return lines_.lines(); },
                [this](VenueId venue, TimePoint now) { intake_.note_pinned(venue, now); }};
    }

    std::vector<std::string> why_not_ready() const {
        if (is_stopping_) return {"stopping"};
        auto reasons = intake_.why_not_ready();
        if (reasons.empty()) return {};
        for (const auto& line : lines_.lines())
            reasons.push_back("feed " + line.name + " is " + line.state + ": " + line.reason);
        return reasons;
    }

    net::awaitable<void> follow_time() {
        for (;;) {
            const auto wait = intake_.until_next_change();
            co_await sleep_for(wait);
            intake_.follow_time();
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
        feeds_.stop();
        tasks_.stop();
        auto left = co_await feeds_.drain(drain_limit);
        const auto others = co_await tasks_.drain(drain_limit);
        left.insert(left.end(), others.begin(), others.end());
        for (const auto& name : left) spdlog::error("task {} did not end", name);
        if (board_.active()) history_.record({clock_.now(), "", "stopped"});
        co_await history_.finish();
        signals_.cancel();
        if (!left.empty()) std::_Exit(1);
    }

    net::io_context& loop_;
    net::signal_set& signals_;
    const Settings& settings_;
    const MarketMap& map_;
    Clock clock_;
    Pricer pricer_;
    Board board_;
    LineBook lines_;
    History history_;
    Intake intake_;
    Feeds feeds_;
    http::Service service_;
    http::Server server_;
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
    auto ending = Ending::clock_set_back;
    while (ending == Ending::clock_set_back) {
        Application application(configuration, loop, signals);
        ending = application.run();
        loop.restart();
    }
    return ending == Ending::stopped ? 0 : 1;
}

}  // namespace kurs
