#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>

#include "feed/state_report.hpp"
#include "feed/stream_connection.hpp"
#include "kurs/feed/refusal_count.hpp"
#include "kurs/feed/send_pace.hpp"
#include "kurs/feed/stall_watch.hpp"
#include "kurs/venue/silence_watch.hpp"

namespace kurs {

/// The state of a feed that outlives its connections.
struct FeedMemory {
    explicit FeedMemory(const StreamFeed& of)
        : feed(of), state(of.events), replacements(of.limits.replacement) {}

    const StreamFeed& feed;
    StateReport state;
    RefusalCount refusals;
    ReplacementPace replacements;
    unsigned attempts = 0;  ///< since the feed was last live
};

/// Listens on one open connection: reads, writes and watches for silence until one of the three ends. The
/// constructor's references must outlive it.
class StreamListener {
public:
    StreamListener(net::any_io_executor loop, FeedMemory& memory, const Endpoint& endpoint,
                   StreamSession& session, StreamConnection& connection, Duration rotate_after);

    net::awaitable<ConnectionEnd> run();

private:
    net::awaitable<ConnectionEnd> hang_up_after(net::awaitable<ConnectionEnd> part);
    net::awaitable<ConnectionEnd> read_frames();
    net::awaitable<ConnectionEnd> write_frames();
    net::awaitable<ConnectionEnd> watch();

    std::optional<ConnectionEnd> take(Outcome outcome, TimePoint now);
    std::optional<ConnectionEnd> judge_silence(TimePoint now);
    std::optional<ConnectionEnd> planned_end(TimePoint now);
    bool may_go(Duration waited, Duration limit) const;
    ConnectionEnd leave(ConnectionEnd end);
    std::optional<ConnectionEnd> enqueue(std::vector<std::string> frames);
    std::string describe_silence() const;
    void count_refusals(const std::vector<Refusal>& refusals);
    void report_refusals(TimePoint now);
    void become_live();

    net::any_io_executor loop_;
    FeedMemory& memory_;
    const StreamFeed& feed_;
    const Endpoint& endpoint_;
    StreamSession& session_;
    StreamConnection& connection_;

    SilenceWatch silence_;
    StallWatch stall_;
    SendPace pace_;
    TimePoint rotate_at_;
    TimePoint frame_at_;                     // the last frame of any kind
    std::deque<std::string> unsent_;         // at most limits.unsent_max
    net::steady_timer more_to_send_;         // never expires; cancelled when a frame is queued
    std::optional<ConnectionEnd> farewell_;  // waits until this connection is spare
    TimePoint farewell_at_{};
    std::optional<TimePoint> partly_silent_since_;
    bool delivers_all_ = false;
    bool was_live_ = false;
    std::optional<TimePoint> first_tick_at_;
    TimePoint last_tick_at_{};
    Duration late_by_{};  // the newest tick's age on arrival, if over the limit
};

}  // namespace kurs
