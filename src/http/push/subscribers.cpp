#include "subscribers.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kurs::http {
namespace {

/// A websocket's message is only begun when it is told: its writing waits in the loop's queue, and so many
/// of them take about as long as a slice.
constexpr std::size_t most_begun = 16;

std::chrono::steady_clock::time_point steady_now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

/// Those who asked the same.
struct Subscribers::Group {
    Topic topic;
    std::size_t places = 0;
    SteadyTime left_at{};  ///< when the last of them left
};

struct Subscribers::Member {
    Group& group;
    Subscriber& subscriber;
    Transport transport{};
    std::optional<std::uint64_t> known_version;  ///< before it was told anything
    std::optional<PushPosition> position;        ///< once it was
    SteadyTime joined_at;
    SteadyTime told_at;  ///< when it was sent something last
};

Subscribers::Subscribers(net::io_context::executor_type loop, Service& service, const Clock& clock,
                         PushLimits limits)
    : service_(service), clock_(clock), limits_(limits), wake_(loop) {}

Subscribers::~Subscribers() = default;

std::optional<Problem> Subscribers::refusal(const Subscription& subscription) {
    const auto unavailable = [](std::string detail) {
        return Problem{503, std::move(detail), "Retry-After: 1\r\n"};
    };
    if (is_stopping_) return unavailable("This copy of the service is stopping. Connect again.");
    if (places_ >= limits_.subscribers) {
        ++counts_.refused;
        return unavailable("Too many subscribers. Connect again later, or ask for courses now and then.");
    }
    if (groups_.size() >= limits_.topics) forget_groups(steady_now());
    if (groups_.size() >= limits_.topics && !groups_.contains(subscription.query)) {
        ++counts_.refused;
        return unavailable(
            "Too many different subscriptions. Connect again later, or subscribe to all courses.");
    }
    return std::nullopt;
}

Subscribers::Place::Place(Subscribers& all, const Subscription& subscription)
    : all_(all), subscription_(subscription), group_(all.group_of(subscription.query)) {
    ++all_.places_;
    ++group_.places;
}

Subscribers::Place::~Place() {
    --all_.places_;
    if (--group_.places > 0) return;
    group_.left_at = steady_now();
    group_.topic.forget_messages();
}

Subscribers::Membership::Membership(Place& place, Subscriber& subscriber)
    : all_(place.all_), member_(all_.add(place, subscriber)) {}

Subscribers::Membership::~Membership() {
    all_.remove(member_);
}

Subscribers::Group& Subscribers::group_of(const CoursesQuery& query) {
    const auto known = groups_.find(query);
    if (known != groups_.end()) return known->second;
    const auto now = clock_.now();
    service_.follow(now);
    return groups_.emplace(query, Group{Topic(service_.board(), query, now)}).first->second;
}

Subscribers::Members::iterator Subscribers::add(Place& place, Subscriber& subscriber) {
    const auto now = clock_.now();
    service_.follow(now);
    const auto transport = place.subscription_.transport;
    ++open_of(transport);

    // At the front, where the round that is under way has been.
    const auto at = steady_now();
    members_.push_front({place.group_, subscriber, transport, place.subscription_.known_version, {}, at, at});
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

std::size_t& Subscribers::open_of(Transport transport) {
    return transport == Transport::event_stream ? counts_.event_streams : counts_.web_sockets;
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

/// Those whose last member left before then.
void Subscribers::forget_groups(SteadyTime left_before) {
    std::erase_if(groups_, [&](const auto& entry) {
        return entry.second.places == 0 && entry.second.left_at < left_before;
    });
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
