#include "http/push/subscribers.hpp"

namespace kurs::http {
namespace {

std::chrono::steady_clock::time_point steady_now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

Subscribers::Subscribers(net::io_context::executor_type loop, Service& service, const Clock& clock,
                         PushLimits limits)
    : service_(service), clock_(clock), limits_(limits), wake_(loop) {}

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
    return groups_
        .emplace(query, Group{Topic(service_.board(), query, now,
                                    [this](std::uint64_t version) { return service_.is_shared(version); })})
        .first->second;
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

/// Those whose last member left before then.
void Subscribers::forget_groups(SteadyTime left_before) {
    std::erase_if(groups_, [&](const auto& entry) {
        return entry.second.places == 0 && entry.second.left_at < left_before;
    });
}

}  // namespace kurs::http
