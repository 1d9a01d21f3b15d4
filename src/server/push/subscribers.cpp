#include "server/push/subscribers.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kurs::server {
namespace {

/// A WebSocket message is only started in a slice; the write continues in the loop's queue. This many of them
/// take about as long as a slice.
constexpr std::size_t most_begun = 16;

SteadyTime steady_now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

Subscribers::Subscribers(net::io_context::executor_type loop, api::Api& api, Present present,
                         PushLimits limits)
    : present_(std::move(present)), limits_(limits), wake_(loop), topics_(api, limits) {}

std::optional<api::Problem> Subscribers::refusal(const api::Subscription& subscription) {
    const auto unavailable = [](std::string detail) {
        return api::Problem{503, std::move(detail), "Retry-After: 1\r\n"};
    };
    if (is_stopping_) return unavailable("This replica is stopping. Reconnect.");
    if (places_ >= limits_.subscribers) {
        ++counts_.refused;
        return unavailable("Too many subscribers. Reconnect later, or poll for courses.");
    }
    if (!topics_.has_room(subscription.query)) {
        ++counts_.refused;
        return unavailable("Too many different subscriptions. Reconnect later, or subscribe to all courses.");
    }
    return std::nullopt;
}

Subscribers::Place::Place(Subscribers& all, const api::Subscription& subscription)
    : all_(all), subscription_(subscription), shared_(all.topics_.join(subscription.query, all.present_())) {
    ++all_.places_;
}

Subscribers::Place::~Place() {
    --all_.places_;
    all_.topics_.leave(shared_);
}

Subscribers::Membership::Membership(Place& place, Subscriber& subscriber)
    : all_(place.all_), member_(all_.add(place, subscriber)) {}

Subscribers::Membership::~Membership() {
    all_.remove(member_);
}

Subscribers::Members::iterator Subscribers::add(Place& place, Subscriber& subscriber) {
    const auto now = present_();
    const auto& subscription = place.subscription_;
    ++open_of(subscription.transport);

    // At the front, which the current round has already passed.
    const auto at = steady_now();
    const api::TopicReader reader(place.shared_.topic, subscription.known_version);
    members_.push_front({reader, subscriber, subscription.transport, at, at});
    if (is_stopping_) {
        subscriber.end();
    } else {
        tell(members_.front(), at, now);
        if (members_.size() == 1) wake_.cancel();
    }
    return members_.begin();
}

void Subscribers::remove(Members::iterator member) {
    --open_of(member->transport);
    if (next_ == member) ++next_;
    members_.erase(member);
}

std::size_t& Subscribers::open_of(api::Transport transport) {
    return transport == api::Transport::event_stream ? counts_.event_streams : counts_.web_sockets;
}

void Subscribers::stop() {
    is_stopping_ = true;
    for (auto& member : members_) member.subscriber.end();
}

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
    const auto now = present_();
    topics_.forget_abandoned(steady_now());
    topics_.note_requested(now);
    round_took_ = {};
    next_ = members_.begin();
}

net::awaitable<void> Subscribers::tell_all() {
    while (next_ != members_.end()) {
        const auto began = steady_now();
        const auto slice = tell_some(began);
        if (next_ != members_.end() || slice.has_begun_more) co_await net::post(net::use_awaitable);
        // The started writes have finished by now. The time of other tasks, which go first, is included.
        round_took_ += (slice.has_begun_more ? steady_now() : slice.ended_at) - began;
    }
}

Subscribers::Slice Subscribers::tell_some(SteadyTime began) {
    const auto now = present_();
    Slice slice{began};
    for (std::size_t begun = 0; next_ != members_.end();) {
        auto& member = *next_++;
        const bool was_told = tell(member, slice.ended_at, now);
        if (was_told && member.transport == api::Transport::web_socket) ++begun;
        slice.has_begun_more = begun > 0;
        slice.ended_at = steady_now();
        if (begun == most_begun || slice.ended_at - began >= limits_.slice) break;
    }
    return slice;
}

/// Returns whether there was anything to send.
bool Subscribers::tell(Member& member, SteadyTime at, TimePoint now) {
    if (!member.subscriber.flush()) {
        if (at - member.told_at < limits_.write_limit) return false;
        ++counts_.cut;
        member.told_at = SteadyTime::max();  // once
        member.subscriber.cut();
        return false;
    }
    auto message = member.reader.next(now, at - member.joined_at < limits_.ahead_limit);
    if (!message && at - member.told_at >= limits_.heartbeat_after) message = member.reader.heartbeat(now);
    if (!message) return false;
    ++counts_.messages;
    member.told_at = at;
    member.subscriber.send(std::move(message));
    return true;
}

}  // namespace kurs::server
