#include "kurs/feed/poll_feed.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/this_coro.hpp>

#include "feed/http_exchange.hpp"
#include "feed/state_report.hpp"
#include "kurs/feed/connection_end.hpp"
#include "kurs/feed/refusal_count.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/venue/retry_after.hpp"

namespace kurs {
namespace {

constexpr Duration clock_tolerance = std::chrono::seconds(2);

/// The state of a poll feed between responses.
class PollRun {
public:
    explicit PollRun(const PollFeed& feed) : feed_(feed), state_(feed.events) {
        const bool has_turn = feed.session.next_poll(feed.is_needed()) <= feed.clock.now();
        state_.set(has_turn ? FeedState::connecting : FeedState::waiting, to_string(feed.endpoint));
    }

    void take(const Answer& answer) {
        const TimePoint now = feed_.clock.now();
        if (answer) {
            take_response(*answer, now);
        } else {
            take_failure(answer.error(), now);
        }
        if (const auto text = refusals_.report(now)) spdlog::warn("feed {} refused {}", feed_.name, *text);
    }

private:
    void take_response(const PollResponse& response, TimePoint now) {
        compare_clocks(response, now);
        const Outcome outcome = feed_.session.on_response(response, now);
        hand_over(outcome, now);
        if (response.status < 200 || response.status > 299) {
            return failed(failure_of_status(response.status),
                          describe_refusal(response.status, retry_after(response, now)), now);
        }
        if (outcome.farewell) return failed(FeedFailure::dismissed, printable(outcome.farewell->reason), now);
        const bool brought_nothing = outcome.ticks.empty() && outcome.listings.empty();
        if (brought_nothing && !outcome.refusals.empty())
            return failed(FeedFailure::protocol, "response has no usable value", now);
        succeeded(now);
    }

    /// A clock that is behind makes values look younger than they are. A cache may send an older date, but
    /// never one in the future.
    void compare_clocks(const PollResponse& response, TimePoint now) {
        const auto venue_time = parse_http_date(response.header("date"));
        const bool is_behind = venue_time && *venue_time > now + clock_tolerance;
        if (is_behind && !was_behind_) {
            const auto seconds = std::chrono::round<std::chrono::seconds>(*venue_time - now).count();
            spdlog::error("this host's clock is {} s behind that of {}: values look younger than they are",
                          seconds, feed_.endpoint.host);
        }
        was_behind_ = is_behind;
    }

    void take_failure(const ExchangeFailure& failure, TimePoint now) {
        feed_.session.on_failure(now);
        if (failure.is_oversized) {
            Outcome outcome;
            outcome.refusals.push_back({errc::oversized, "response"});
            hand_over(outcome, now);
        }
        failed(failure.kind, failure.text, now);
    }

    void hand_over(const Outcome& outcome, TimePoint now) {
        for (const Refusal& refusal : outcome.refusals) refusals_.add(refusal);
        if (!outcome.note.empty()) spdlog::info("feed {}: {}", feed_.name, printable(outcome.note, 200));
        feed_.events.on_outcome(outcome, now);
    }

    void failed(FeedFailure kind, const std::string& text, TimePoint now) {
        if (feed_.events.on_failure) feed_.events.on_failure(kind);
        if (failures_ == 0) failing_since_ = now;
        ++failures_;
        const bool is_said = failures_ == 1 || now - said_at_ >= std::chrono::hours(1);
        if (is_said) said_at_ = now;
        const auto level = is_said ? spdlog::level::warn : spdlog::level::debug;
        spdlog::log(level, "feed {} failing on {}: {}", feed_.name, to_string(feed_.endpoint), text);
        state_.set(FeedState::backing_off, text);
    }

    void succeeded(TimePoint now) {
        if (failures_ > 0) {
            const auto seconds = std::chrono::round<std::chrono::seconds>(now - failing_since_).count();
            spdlog::info("feed {} answers again after {} failure{} in {} s", feed_.name, failures_,
                         failures_ == 1 ? "" : "s", seconds);
        }
        failures_ = 0;
        state_.set(FeedState::live, to_string(feed_.endpoint));
    }

    const PollFeed& feed_;
    StateReport state_;
    RefusalCount refusals_;
    unsigned failures_ = 0;
    TimePoint failing_since_{};
    TimePoint said_at_{};
    bool was_behind_ = false;
};

}  // namespace

net::awaitable<void> run_poll_feed(PollFeed feed) {
    PollRun run(feed);
    for (;;) {
        const TimePoint now = feed.clock.now();
        const TimePoint due = feed.session.next_poll(feed.is_needed());
        if (now < due) {
            const Duration wait = std::min(due - now, feed.limits.check_every);
            co_await sleep_for(wait);
            continue;
        }
        PollRequest request = feed.session.make_request(now);
        const Answer answer = co_await ask(feed, std::move(request));

        const auto stop = co_await net::this_coro::cancellation_state;
        if (stop.cancelled() != net::cancellation_type::none) co_return;
        run.take(answer);
        co_await sleep_for(feed.limits.check_every);
    }
}

}  // namespace kurs
