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

/// What outlives the lines of one feed.
struct FeedMemory {
    explicit FeedMemory(const StreamFeed& of)
        : feed(of), state(of.events), replacements(of.limits.replacement) {}

    const StreamFeed& feed;
    StateReport state;
    RefusalCount refusals;
    ReplacementPace replacements;
    unsigned attempts = 0;  ///< since the feed was live last
};

/// An open line: reads, writes and watches until one of them says that it is over. What it is made with
/// outlives it.
class StreamLine {
public:
    StreamLine(net::any_io_executor loop, FeedMemory& memory, const Endpoint& endpoint,
               StreamSession& session, StreamConnection& connection, Duration rotate_after);

    net::awaitable<LineEnd> run();

private:
    net::awaitable<LineEnd> hang_up_after(net::awaitable<LineEnd> part);
    net::awaitable<LineEnd> read_frames();
    net::awaitable<LineEnd> write_frames();
    net::awaitable<LineEnd> watch();

    std::optional<LineEnd> take(std::string_view frame, TimePoint now);
    std::optional<LineEnd> judge_silence(TimePoint now);
    std::optional<LineEnd> enqueue(std::vector<std::string> frames);
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
    TimePoint frame_at_;              // the last frame of any kind
    std::deque<std::string> unsent_;  // at most limits.unsent_max
    net::steady_timer more_to_send_;  // never expires; cancelled when there is
    bool delivers_all_ = false;
    bool was_live_ = false;
    std::optional<TimePoint> first_tick_at_;
    TimePoint last_tick_at_{};
    Duration late_by_{};  // how old the newest tick was on arrival, if that was too old
};

}  // namespace kurs
