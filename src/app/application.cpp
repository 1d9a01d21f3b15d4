#include "kurs/app/application.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <boost/algorithm/string/join.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "kurs/app/graph.hpp"
#include "kurs/app/logging.hpp"
#include "kurs/app/server_limits.hpp"
#include "kurs/app/version.hpp"
#include "kurs/domain/duration_text.hpp"
#include "kurs/domain/endpoint.hpp"

namespace kurs {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// The time limit for requests in flight, and for the application's own tasks.
constexpr Duration drain_limit = std::chrono::seconds(6);

/// The time limit for a replaced graph, once the service stops.
constexpr Duration retire_limit = std::chrono::seconds(10);

/// Seconds after which the kernel ends a process that does not stop, even if its loop is stuck.
constexpr unsigned stop_limit = 20;

/// A smaller step back is a regular clock correction.
constexpr Duration clock_step = std::chrono::seconds(1);

constexpr Duration watch_every = std::chrono::milliseconds(100);

/// How long a new configuration may take until it serves everything that the current one does.
constexpr Duration ready_limit = std::chrono::seconds(30);

/// Replaced graphs whose rows wait for the database; each may hold as many as the settings allow.
constexpr std::size_t most_retiring = 3;

/// The least time between two graphs that are made for a new recording.
constexpr Duration renewal_every = std::chrono::minutes(5);

/// Settings of the parts that are kept: server, log, Redis.
constexpr std::array need_restart{"HTTP_ADDRESS", "HTTP_PORT",  "PUSH_CLIENTS",
                                  "LOG_LEVEL",    "LOG_FORMAT", "REDIS_URL"};

void log_access(const Configuration& configuration) {
    const auto& access = configuration.access;
    if (!access) return spdlog::info("API keys: none, any client may use the API");
    spdlog::info("API keys: {}, {}", access->keys.size(),
                 access->anonymous.empty() ? "nobody may read without one" : "anyone may read without one");
}

void log_locking(const Configuration& configuration) {
    const auto& keys = configuration.signing_keys;
    if (!keys) return spdlog::info("quotes: none are locked");
    spdlog::info("quotes: locked for at most {}, signed with key {}",
                 to_string(configuration.settings.quote_ttl_max), keys->signer_name());
}

void log_alerts(const Configuration& configuration) {
    const auto& receiver = configuration.alert_receiver;
    if (!receiver) return spdlog::info("alerts: none are sent");
    spdlog::info("alerts: sent to {}", to_string(receiver->endpoint));
}

/// What clients and operators may expect.
void log_offer(const Configuration& configuration) {
    log_access(configuration);
    log_locking(configuration);
    log_alerts(configuration);
}

/// Runs the server and the graph behind it. SIGHUP replaces the graph, not the server.
class Application {
public:
    Application(Configuration configuration, ReadConfiguration read_configuration)
        : settings_(configuration.settings),
          read_configuration_(std::move(read_configuration)),
          signals_(loop_, SIGTERM, SIGINT, SIGHUP),
          server_(loop_.get_executor(), server_limits(settings_)),
          graph_(std::make_shared<Graph>(std::make_shared<const Configuration>(std::move(configuration)),
                                         loop_, server_)),
          tasks_(loop_.get_executor()),
          retiring_(loop_.get_executor()),
          control_(loop_.get_executor()) {
        for (const int number : {SIGUSR1, SIGUSR2}) signals_.add(number);
        show_graph();
    }

    int run() {
        const auto port = server_.listen(settings_.http_address, settings_.http_port);
        if (!port) {
            spdlog::critical("{}", port.error());
            return 1;
        }
        const Endpoint own{false, settings_.http_address, *port, {}};
        spdlog::info("kurs {} serves {} directions on http://{}/api/v1/courses", build_version,
                     graph_->configuration()->market.directions.size(), to_string(own));
        log_offer(*graph_->configuration());
        tasks_.spawn("http server", server_.run());
        tasks_.spawn("replacement", replace_graphs());
        control_.spawn("signals", obey_signals());
        loop_.run();  // until it has no more work
        spdlog::info("stopped");
        return 0;
    }

private:
    void show_graph() { server_.use(std::shared_ptr<server::Front>(graph_, &graph_->front())); }

    net::awaitable<void> obey_signals() {
        while (!has_stopped_) {
            const int number = co_await signals_.async_wait(net::use_awaitable);
            if (number == SIGUSR1) {
                toggle_debug(settings_.log_level);
            } else if (number == SIGHUP) {
                is_reload_wanted_ = true;
            } else if (number == SIGUSR2) {
                spdlog::info("signal {} ignored", number);
            } else {
                if (server_.is_stopping()) std::_Exit(130);  // a second signal exits at once
                spdlog::info("stopping: signal {}", number);
                ::alarm(stop_limit);
                server_.stop();
                control_.spawn("stop", stop());
            }
        }
    }

    net::awaitable<void> replace_graphs() {
        for (;;) {
            co_await sleep_for(watch_every);
            if (server_.is_stopping()) co_return;
            follow_system_clock();
            if (next_) try_next();
            if (is_reload_wanted_ && !next_) reload();
            if (!next_ && graph_->is_tape_full()) renew();
        }
    }

    /// The times of all values are ahead of a clock that was set back. The new graph begins without values.
    void follow_system_clock() {
        if (next_) next_->follow_system_clock();
        const auto behind = graph_->follow_system_clock();
        if (behind < clock_step) return;
        spdlog::warn("clock: set back, all values are discarded, behind_ms={}", behind.count());
        if (next_) {
            reject_next();
            is_reload_wanted_ = true;
        }
        constexpr bool keeps_values = false;
        replace_by(
            std::make_shared<Graph>(graph_->configuration(), loop_, server_, graph_.get(), keeps_values));
    }

    void reload() {
        if (retiring_.size() >= most_retiring) {
            if (!std::exchange(is_delay_logged_, true))
                spdlog::warn("reload: waits for the rows of earlier configurations");
            return;
        }
        is_reload_wanted_ = is_delay_logged_ = false;
        auto configuration = read_configuration_();
        if (!configuration)
            return spdlog::error("reload: the new configuration is invalid; the current one stays in force");
        for (const std::string_view name : need_restart) {
            if (configuration->settings.values.text(name) != settings_.values.text(name))
                spdlog::warn("reload: {} changes only at a restart", name);
        }
        // A board that leaves Redis would restart at lower versions than clients have seen.
        configuration->settings.redis_url = settings_.redis_url;
        spdlog::info("reload: preparing, directions={}, exchangers={}",
                     configuration->market.directions.size(), configuration->market.exchangers.size());
        prepare(std::make_shared<const Configuration>(*std::move(configuration)));
    }

    /// Prepares a graph with the same configuration and new connections. A recording must begin with new
    /// connections, because it is replayed from its beginning.
    void renew() {
        const auto now = std::chrono::steady_clock::now();
        if (now < renewal_at_ || retiring_.size() >= most_retiring) return;
        renewal_at_ = now + renewal_every;
        spdlog::info("recording: a new one is prepared");
        prepare(graph_->configuration());
    }

    void prepare(std::shared_ptr<const Configuration> configuration) {
        next_ = std::make_shared<Graph>(std::move(configuration), loop_, server_, graph_.get());
        next_limit_ = std::chrono::steady_clock::now() + ready_limit;
    }

    void try_next() {
        const auto missing = next_->missing_beside(*graph_);
        if (missing.empty()) {
            replace_by(std::exchange(next_, nullptr));
            log_offer(*graph_->configuration());
            return spdlog::info("reload: the new configuration is in force");
        }
        if (std::chrono::steady_clock::now() < next_limit_) return;
        spdlog::error(
            "reload: the new configuration does not serve within {} s; the current one stays in force, "
            "missing: {}",
            std::chrono::duration_cast<std::chrono::seconds>(ready_limit).count(),
            boost::algorithm::join(missing, ", "));
        reject_next();
    }

    void reject_next() { retiring_.spawn("rejected configuration", end(std::exchange(next_, nullptr))); }

    void replace_by(std::shared_ptr<Graph> graph) {
        const auto previous = std::exchange(graph_, std::move(graph));
        graph_->take_over(previous);
        show_graph();
        retiring_.spawn("previous configuration", end(previous));
    }

    static net::awaitable<void> end(std::shared_ptr<Graph> graph) { co_await graph->retire(); }

    net::awaitable<void> stop() {
        const auto cut = co_await server_.drain(drain_limit);
        if (cut > 0) spdlog::warn("stopping: connections closed at the time limit, count={}", cut);
        bool has_ended = co_await tasks_.end(drain_limit);
        if (next_) reject_next();
        has_ended &= co_await graph_->stop();
        const auto retiring = co_await retiring_.drain(retire_limit);
        if (!has_ended || !retiring.empty()) std::_Exit(1);  // what never ends would keep the loop running
        has_stopped_ = true;
        signals_.cancel();
    }

    // Other threads only post to the loop; its sockets and timers are used by its own thread.
    net::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    const Settings settings_;
    ReadConfiguration read_configuration_;
    net::signal_set signals_;
    server::Server server_;
    std::shared_ptr<Graph> graph_;  ///< serves
    std::shared_ptr<Graph> next_;   ///< being prepared; discarded at the limit
    SteadyTime next_limit_;
    SteadyTime renewal_at_;  ///< the earliest time of the next one
    bool is_reload_wanted_ = false;
    bool is_delay_logged_ = false;
    bool has_stopped_ = false;
    TaskGroup tasks_;
    TaskGroup retiring_;  ///< graphs that were replaced or rejected
    TaskGroup control_;   ///< the tasks that stop the others
};

}  // namespace

int serve(Configuration configuration, ReadConfiguration read_configuration) {
    return Application(std::move(configuration), std::move(read_configuration)).run();
}

}  // namespace kurs
