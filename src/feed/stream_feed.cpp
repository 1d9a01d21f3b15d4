#include "kurs/feed/stream_feed.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/this_coro.hpp>
#include <random>

#include "feed/stream_line.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {
namespace {

/// Says each failure to connect once per endpoint, until the feed was live again or fails in another way.
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

void log_end(const StreamFeed& feed, const LineEnd& end) {
    switch (end.cause) {
        case LineEndCause::rotation_due:
        case LineEndCause::partly_silent:
            spdlog::info("feed {} replaces its line: {}", feed.name, end.text);
            break;
        case LineEndCause::farewell:
            if (end.is_permanent) {
                spdlog::error("feed {} dismissed by the venue: {}", feed.name, end.text);
            } else {
                spdlog::info("feed {} replaces its line: {}", feed.name, end.text);
            }
            break;
        default: spdlog::warn("feed {} lost: {}", feed.name, end.text); break;
    }
}

/// Earlier than the limit by chance, so that copies started together do not rotate together.
Duration draw_rotation(const StreamLimits& limits, std::minstd_rand& chance) {
    std::uniform_int_distribution<Duration::rep> earlier(0, limits.rotate_spread.count());
    return limits.rotate_after - Duration{earlier(chance)};
}

/// One line from the first attempt to its end, with objects of its own, which are dropped whole.
net::awaitable<LineEnd> run_line(FeedMemory& memory, const Endpoint& endpoint, Duration rotate_after) {
    const auto session = memory.feed.venue.make_session();
    auto connection = co_await open_stream(memory.feed, endpoint, session->request());
    if (!connection) co_return connection.error();
    StreamLine line(co_await net::this_coro::executor, memory, endpoint, *session, **connection,
                    rotate_after);
    co_return co_await line.run();
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
        const LineEnd end = co_await run_line(memory, endpoint, draw_rotation(feed.limits, chance));

        const auto stop = co_await net::this_coro::cancellation_state;
        if (stop.cancelled() != net::cancellation_type::none) co_return;
        const TimePoint ended_at = feed.clock.now();
        policy.ended(end, ended_at);
        if (const auto failure = failure_of(end); failure && feed.events.on_failure)
            feed.events.on_failure(*failure);
        const bool waits = policy.next(ended_at).at > ended_at;
        memory.state.set(waits ? FeedState::backing_off : FeedState::connecting, end.text);
        if (end.was_live) connect_log.forget();
        if (end.cause == LineEndCause::connect_failed || end.cause == LineEndCause::upgrade_refused) {
            connect_log.failed(next.index, end.text);
        } else {
            log_end(feed, end);
        }
    }
}

}  // namespace kurs
