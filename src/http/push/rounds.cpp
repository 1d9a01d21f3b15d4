// The rounds in which subscribers are told what is new.
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/push/subscribers.hpp"

namespace kurs::http {
namespace {

/// A websocket's message is only begun when it is told: its writing waits in the loop's queue, and so many
/// of them take about as long as a slice.
constexpr std::size_t most_begun = 16;

std::chrono::steady_clock::time_point steady_now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

net::awaitable<void> Subscribers::run() {
    for (;;) {
        const auto began = steady_now();
        begin_round();
        co_await tell_all();
        if (members_.empty()) {
            wake_.expires_at(SteadyTime::max());
        } else {
            wake_.expires_at(
                std::max(began + limits_.round_every, steady_now() + limits_.rest_ratio * round_took_));
        }
        boost::system::error_code woken;
        co_await wake_.async_wait(net::redirect_error(net::use_awaitable, woken));
    }
}

void Subscribers::begin_round() {
    const auto at = steady_now();
    const auto now = clock_.now();
    service_.follow(now);
    forget_groups(at - limits_.topic_kept);
    for (const auto& [query, group] : groups_) {
        if (query.venue && group.places > 0) service_.note_pinned(*query.venue, now);
    }
    round_took_ = {};
    next_ = members_.begin();
}

net::awaitable<void> Subscribers::tell_all() {
    while (next_ != members_.end()) {
        const auto began = steady_now();
        const auto slice = tell_some(began);
        if (next_ != members_.end() || slice.has_begun_more) co_await net::post(net::use_awaitable);
        // What was begun is done by now. What others had of the time cannot be told from it: they go first.
        round_took_ += (slice.has_begun_more ? steady_now() : slice.ended_at) - began;
    }
}

Subscribers::Slice Subscribers::tell_some(SteadyTime began) {
    const auto now = clock_.now();
    Slice slice{began};
    for (std::size_t begun = 0; next_ != members_.end();) {
        auto& member = *next_++;
        const bool was_told = tell(member, slice.ended_at, now);
        if (was_told && member.transport == Transport::web_socket) ++begun;
        slice.has_begun_more = begun > 0;
        slice.ended_at = steady_now();
        if (begun == most_begun || slice.ended_at - began >= limits_.slice) break;
    }
    return slice;
}

/// Returns whether there was anything to tell.
bool Subscribers::tell(Member& member, SteadyTime at, TimePoint now) {
    if (!member.subscriber.flush()) {
        if (at - member.told_at < limits_.write_limit) return false;
        ++counts_.cut;
        member.told_at = SteadyTime::max();  // once
        member.subscriber.cut();
        return false;
    }
    auto message = message_for(member, at, now);
    if (!message && at - member.told_at >= limits_.heartbeat_after)
        message = member.group.topic.heartbeat(now);
    if (!message) return false;
    ++counts_.messages;
    member.told_at = at;
    member.subscriber.send(std::move(message));
    return true;
}

Topic::Message Subscribers::message_for(Member& member, SteadyTime at, TimePoint now) {
    if (!member.position) return first_message_for(member, at, now);
    auto& topic = member.group.topic;
    auto message = topic.news_since(*member.position, now);
    if (message) member.position = topic.newest();
    return message;
}

Topic::Message Subscribers::first_message_for(Member& member, SteadyTime at, TimePoint now) {
    auto& topic = member.group.topic;
    if (const auto known = member.known_version; known && service_.is_shared(*known)) {
        member.position = topic.find(*known, now);
        if (member.position) return message_for(member, at, now);
        // Another copy, which was a little ahead, told it more than is known here yet.
        const bool is_ahead = *known > service_.board().version();
        if (is_ahead && at - member.joined_at < limits_.ahead_limit) return nullptr;
    }
    auto message = topic.snapshot(now);
    member.position = topic.newest();
    return message;
}

}  // namespace kurs::http
