#include "feed/stream_listener.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "feed/deadline.hpp"

namespace kurs {
namespace {

ConnectionEnd ended(ConnectionEndCause cause, std::string text) {
    ConnectionEnd end;
    end.cause = cause;
    end.text = std::move(text);
    return end;
}

struct HangUp {
    StreamConnection& connection;
    ~HangUp() { connection.hang_up(); }
};

ConnectionEnd stalled() {
    return ended(ConnectionEndCause::loop_stalled, "event loop stalled; buffered data is too old");
}

std::string names(const MarketMap& map, const std::vector<SymbolId>& symbols) {
    std::string text;
    for (const SymbolId symbol : symbols) text += (text.empty() ? "" : ", ") + map.symbol(symbol).name;
    return text;
}

}  // namespace

StreamListener::StreamListener(net::any_io_executor loop, FeedMemory& memory, const Endpoint& endpoint,
                               StreamSession& session, StreamConnection& connection, Duration rotate_after)
    : loop_(std::move(loop)),
      memory_(memory),
      feed_(memory.feed),
      endpoint_(endpoint),
      session_(session),
      connection_(connection),
      silence_(feed_.map, session.symbols(), feed_.limits.first_data, feed_.clock.now()),
      stall_(feed_.limits.stall, feed_.clock.now()),
      pace_(feed_.limits.sends_per_second),
      rotate_at_(feed_.clock.now() + rotate_after),
      frame_at_(feed_.clock.now()),
      more_to_send_(loop_, net::steady_timer::time_point::max()) {
    connection_.on_control([this](bool is_ping) {
        frame_at_ = feed_.clock.now();
        if (is_ping) pace_.sent(frame_at_);  // the pong
    });
}

// Not `||`: when one side throws, it waits for the other to succeed. A bug in a session must surface at once.
net::awaitable<ConnectionEnd> StreamListener::run() {
    if (auto too_many = enqueue(session_.on_open())) co_return *too_many;

    auto parts = net::experimental::make_parallel_group(
        net::co_spawn(loop_, hang_up_after(read_frames()), net::deferred),
        net::co_spawn(loop_, hang_up_after(write_frames()), net::deferred),
        net::co_spawn(loop_, hang_up_after(watch()), net::deferred));
    const net::experimental::wait_for_one first;
    auto outcome = co_await parts.async_wait(first, net::use_awaitable);
    const auto& [order, read_bug, read_end, write_bug, write_end, watch_bug, watch_end] = outcome;

    const std::exception_ptr bugs[] = {read_bug, write_bug, watch_bug};
    if (bugs[order[0]]) std::rethrow_exception(bugs[order[0]]);
    ConnectionEnd end = order[0] == 0 ? read_end : order[0] == 1 ? write_end : watch_end;
    end.was_live = was_live_;
    if (first_tick_at_) end.delivered_for = last_tick_at_ - *first_tick_at_;
    co_return end;
}

// When one part ends, hanging up ends the others.
net::awaitable<ConnectionEnd> StreamListener::hang_up_after(net::awaitable<ConnectionEnd> part) {
    const HangUp at_exit{connection_};
    co_return co_await std::move(part);
}

net::awaitable<ConnectionEnd> StreamListener::read_frames() {
    for (;;) {
        const auto failure = co_await connection_.read();
        if (failure && failure->cause == ConnectionEndCause::oversized) {
            Outcome refused;
            refused.refusals.push_back({errc::oversized, "frame"});
            count_refusals(refused.refusals);
            feed_.events.on_outcome(refused, feed_.clock.now());
        }
        if (failure) co_return *failure;

        const TimePoint now = feed_.clock.now();
        if (stall_.is_stalled(now)) co_return stalled();
        frame_at_ = now;
        if (auto over = take(session_.on_frame(connection_.frame(), now), now)) co_return *over;
    }
}

std::optional<ConnectionEnd> StreamListener::take(Outcome outcome, TimePoint now) {
    for (const Tick& tick : outcome.ticks) {
        // A stale value is no sign of life: a connection that lags behind the age limit must be replaced.
        if (now - tick.observed_at >= feed_.map.symbol(tick.symbol).limits.max_age) {
            late_by_ = now - tick.observed_at;
            continue;
        }
        late_by_ = Duration{0};
        silence_.heard(tick.symbol, now);
        if (!first_tick_at_) first_tick_at_ = now;
        last_tick_at_ = now;
    }
    if (!outcome.note.empty()) spdlog::info("feed {}: {}", feed_.name, printable(outcome.note, 200));
    count_refusals(outcome.refusals);
    report_refusals(now);
    feed_.events.on_outcome(outcome, now);
    if (!delivers_all_ && silence_.is_complete() && !silence_.silent(now)) become_live();

    if (auto too_many = enqueue(std::move(outcome.replies))) return too_many;
    if (!outcome.farewell) return std::nullopt;
    ConnectionEnd end = ended(ConnectionEndCause::farewell, printable(outcome.farewell->reason));
    end.is_permanent = outcome.farewell->is_permanent;
    if (!outcome.farewell->can_wait) return end;
    if (!farewell_) farewell_at_ = now;
    farewell_ = end;
    return planned_end(now);
}

net::awaitable<ConnectionEnd> StreamListener::write_frames() {
    for (;;) {
        if (unsent_.empty()) {
            boost::system::error_code woken;
            co_await more_to_send_.async_wait(net::redirect_error(net::use_awaitable, woken));
            if (unsent_.empty()) co_return ConnectionEnd{};  // no frame queued: cancelled
        }
        const Duration wait = pace_.wait(feed_.clock.now());
        if (wait > Duration{0}) {
            const bool goes_on = co_await pause_for(wait);
            if (!goes_on) co_return ConnectionEnd{};
            continue;  // a pong may have used the slot
        }
        const std::string frame = std::move(unsent_.front());
        unsent_.pop_front();
        pace_.sent(feed_.clock.now());
        const auto failure = co_await connection_.write(frame);
        if (failure) co_return *failure;
    }
}

net::awaitable<ConnectionEnd> StreamListener::watch() {
    for (;;) {
        const bool goes_on = co_await pause_for(feed_.limits.watch_every);
        if (!goes_on) co_return ConnectionEnd{};
        const TimePoint now = feed_.clock.now();
        if (stall_.is_stalled(now)) co_return stalled();
        stall_.beat(now);
        if (now - frame_at_ > feed_.limits.idle)
            co_return ended(ConnectionEndCause::idle, "no frames received");
        if (auto over = take(session_.on_time(now), now)) co_return *over;
        if (auto over = planned_end(now)) co_return *over;
        if (auto over = judge_silence(now)) co_return *over;
        report_refusals(now);
    }
}

std::optional<ConnectionEnd> StreamListener::planned_end(TimePoint now) {
    const auto due_at = farewell_ ? std::min(farewell_at_, rotate_at_) : rotate_at_;
    if (now < due_at || !may_go(now - due_at, feed_.limits.spare_wait)) return std::nullopt;
    return leave(farewell_ ? *farewell_ : ended(ConnectionEndCause::rotation_due, "rotation is due"));
}

bool StreamListener::may_go(Duration waited, Duration limit) const {
    return !feed_.is_spare || feed_.is_spare() || waited >= limit;
}

/// Says so at once, so that no other connection takes this one for its replacement.
ConnectionEnd StreamListener::leave(ConnectionEnd end) {
    memory_.state.set(FeedState::connecting, end.text);
    return end;
}

std::optional<ConnectionEnd> StreamListener::judge_silence(TimePoint now) {
    const auto silent = silence_.silent(now);
    if (!silent) {
        if (!silence_.is_complete()) return std::nullopt;
        if (!delivers_all_) become_live();
        partly_silent_since_.reset();
        memory_.replacements.all_live(now);
        return std::nullopt;
    }
    if (silent->is_total) return ended(ConnectionEndCause::silent, describe_silence());

    const std::string text = "silent: " + printable(names(feed_.map, silent->symbols), 200);
    delivers_all_ = false;
    memory_.replacements.interrupted();
    memory_.state.set(FeedState::stale, text);
    if (!partly_silent_since_) partly_silent_since_ = now;
    const bool is_allowed = memory_.replacements.is_allowed(now);
    if (!is_allowed || !may_go(now - *partly_silent_since_, feed_.limits.silent_wait)) return std::nullopt;
    memory_.replacements.replaced(now);
    return leave(ended(ConnectionEndCause::partly_silent, text));
}

std::string StreamListener::describe_silence() const {
    if (late_by_ == Duration{0}) return "no symbol delivers data";
    const auto seconds = std::chrono::round<std::chrono::seconds>(late_by_).count();
    return "values arrive " + std::to_string(seconds) + " s old; is this host's clock ahead?";
}

std::optional<ConnectionEnd> StreamListener::enqueue(std::vector<std::string> frames) {
    if (unsent_.size() + frames.size() > feed_.limits.unsent_max) {
        return ended(ConnectionEndCause::protocol_error,
                     "the session has more to send than the venue allows");
    }
    if (frames.empty()) return std::nullopt;
    for (auto& frame : frames) unsent_.push_back(std::move(frame));
    more_to_send_.cancel();
    return std::nullopt;
}

void StreamListener::count_refusals(const std::vector<Refusal>& refusals) {
    for (const Refusal& refusal : refusals) {
        memory_.refusals.add(refusal);
        spdlog::debug("feed {} refused {}: {}", feed_.name, printable(refusal.what),
                      to_string(refusal.reason));
    }
}

void StreamListener::report_refusals(TimePoint now) {
    if (const auto text = memory_.refusals.report(now)) spdlog::warn("feed {} refused {}", feed_.name, *text);
}

void StreamListener::become_live() {
    const std::string where = to_string(endpoint_);
    if (was_live_) {
        spdlog::info("feed {} live again on {}: every symbol delivers", feed_.name, where);
    } else {
        spdlog::info("feed {} live on {} after {} attempt{}", feed_.name, where, memory_.attempts,
                     memory_.attempts == 1 ? "" : "s");
    }
    memory_.attempts = 0;
    delivers_all_ = was_live_ = true;
    memory_.state.set(FeedState::live, where);
}

}  // namespace kurs
