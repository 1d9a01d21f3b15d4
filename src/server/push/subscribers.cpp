#include "server/push/subscribers.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kurs::server {
namespace {

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

Subscribers::Place::Place(Subscribers& all, const api::CoursesQuery& query)
    : all_(all), shared_(all.topics_.join(query, all.present_())) {
    ++all_.places_;
}

Subscribers::Place::~Place() {
    --all_.places_;
    all_.topics_.leave(shared_);
}

Subscribers::Membership::Membership(Place& place, const api::Subscription& subscription,
                                    Subscriber& subscriber)
    : all_(place.all_), member_(all_.add(place, subscription, subscriber)) {}

Subscribers::Membership::~Membership() {
    all_.remove(member_);
}

Subscribers::Members::iterator Subscribers::add(Place& place, const api::Subscription& subscription,
                                                Subscriber& subscriber) {
    const auto now = present_();
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
        tell_some();
        if (next_ != members_.end()) co_await net::post(net::use_awaitable);
    }
}

/// One slice of a round.
void Subscribers::tell_some() {
    const auto now = present_();
    const auto began = steady_now();
    auto at = began;
    while (next_ != members_.end() && at - began < limits_.slice) {
        tell(*next_++, at, now);
        at = steady_now();
    }
    round_took_ += at - began;
}

void Subscribers::tell(Member& member, SteadyTime at, TimePoint now) {
    if (!member.subscriber.flush()) {
        if (at - member.told_at < limits_.write_limit) return;
        ++counts_.cut;
        member.told_at = SteadyTime::max();  // once
        return member.subscriber.cut();
    }
    auto message = member.reader.next(now, at - member.joined_at < limits_.ahead_limit);
    if (!message && at - member.told_at >= limits_.heartbeat_after) message = member.reader.heartbeat(now);
    if (!message) return;
    ++counts_.messages;
    member.told_at = at;
    member.subscriber.send(std::move(message));
}

}  // namespace kurs::server
