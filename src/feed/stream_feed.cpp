#include "kurs/feed/stream_feed.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/this_coro.hpp>
#include <random>

#include "feed/stream_listener.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {
namespace {

/// Logs each connect failure once per endpoint, until the feed becomes live or the failure changes.
class ConnectLog {
public:
    explicit ConnectLog(const StreamFeed& feed) : feed_(feed), said_(feed.endpoints.size()) {}

    void failed(std::size_t endpoint, const std::string& text) {
        const auto level = said_[endpoint] == text ? spdlog::level::debug : spdlog::level::warn;
        spdlog::log(level, "feed {} cannot connect to {}: {}", feed_.name,
                    to_string(feed_.endpoints[endpoint]), text);
        said_[endpoint] = text;
    }

    void forget() { said_.assign(said_.size(), {}); }

private:
    const StreamFeed& feed_;
    std::vector<std::string> said_;
};

void log_end(const StreamFeed& feed, const ConnectionEnd& end) {
    switch (end.cause) {
        case ConnectionEndCause::rotation_due:
        case ConnectionEndCause::partly_silent:
            spdlog::info("feed {} replacing connection: {}", feed.name, end.text);
            break;
        case ConnectionEndCause::farewell:
            if (end.is_permanent) {
                spdlog::error("feed {} dismissed by the venue: {}", feed.name, end.text);
            } else {
                spdlog::info("feed {} replacing connection: {}", feed.name, end.text);
            }
            break;
        default: spdlog::warn("feed {} lost: {}", feed.name, end.text); break;
    }
}

/// Randomly earlier than the limit, so that replicas started together do not rotate together.
Duration draw_rotation(const StreamLimits& limits, std::minstd_rand& chance) {
    std::uniform_int_distribution<Duration::rep> earlier(0, limits.rotate_spread.count());
    return limits.rotate_after - Duration{earlier(chance)};
}

/// Runs one connection from the attempt to its end. It shares no session or socket with the next one.
net::awaitable<ConnectionEnd> listen(FeedMemory& memory, const Endpoint& endpoint, Duration rotate_after) {
    const auto session = memory.feed.venue.make_session();
    auto connection = co_await open_stream(memory.feed, endpoint, session->request());
    if (!connection) co_return connection.error();
    StreamListener listener(co_await net::this_coro::executor, memory, endpoint, *session, **connection,
                            rotate_after);
    co_return co_await listener.run();
}

}  // namespace

net::awaitable<void> run_stream_feed(StreamFeed feed) {
    FeedMemory memory(feed);
    ReconnectPolicy policy(feed.limits.reconnect, feed.endpoints.size(), feed.seed);
    ConnectLog connect_log(feed);
    std::minstd_rand chance(static_cast<std::minstd_rand::result_type>(feed.seed));

    for (;;) {
        const TimePoint now = feed.clock.now();
        const auto next = policy.next(now);
        if (next.at > now) {
            co_await sleep_for(next.at - now);
            continue;
        }
        const Endpoint& endpoint = feed.endpoints[next.index];
        memory.state.set(FeedState::connecting, to_string(endpoint));
        policy.started(next.index, now);
        ++memory.attempts;
        const ConnectionEnd end = co_await listen(memory, endpoint, draw_rotation(feed.limits, chance));

        const auto stop = co_await net::this_coro::cancellation_state;
        if (stop.cancelled() != net::cancellation_type::none) co_return;
        const TimePoint ended_at = feed.clock.now();
        policy.ended(end, ended_at);
        if (const auto failure = failure_of(end); failure && feed.events.on_failure)
            feed.events.on_failure(*failure);
        const bool waits = policy.next(ended_at).at > ended_at;
        memory.state.set(waits ? FeedState::backing_off : FeedState::connecting, end.text);
        if (end.was_live) connect_log.forget();
        if (end.cause == ConnectionEndCause::connect_failed ||
            end.cause == ConnectionEndCause::upgrade_refused) {
            connect_log.failed(next.index, end.text);
        } else {
            log_end(feed, end);
        }
    }
}

}  // namespace kurs
