#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <map>
#include <optional>

#include "http/push/subscriber.hpp"
#include "kurs/http/push.hpp"
#include "kurs/http/service.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs::http {

namespace net = boost::asio;

/// Who is told of changes, and the rounds of telling them. In each round everybody is told what is new to him
/// by then: nothing queues, and whoever is slow misses what lies between. Used on the loop only.
class Subscribers {
    using SteadyTime = std::chrono::steady_clock::time_point;

    /// Those who asked the same.
    struct Group {
        Topic topic;
        std::size_t places = 0;
        SteadyTime left_at{};  ///< when the last of them left
    };

    struct Member {
        Group& group;
        Subscriber& subscriber;
        Transport transport{};
        std::optional<std::uint64_t> known_version;  ///< before it was told anything
        std::optional<PushPosition> position;        ///< once it was
        SteadyTime joined_at;
        SteadyTime told_at;  ///< when it was sent something last
    };

public:
    /// All must outlive it.
    Subscribers(net::io_context::executor_type loop, Service& service, const Clock& clock, PushLimits limits);

    /// Why nobody can subscribe to this now, if so.
    std::optional<Problem> refusal(const Subscription& subscription);

    /// Of one who is not refused: counts as a subscriber, also before he is a member. All must outlive it.
    class Place {
    public:
        Place(Subscribers& all, const Subscription& subscription);
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        const Subscription& subscription() const { return subscription_; }
        const PushLimits& limits() const { return all_.limits_; }

    private:
        friend Subscribers;
        Subscribers& all_;
        const Subscription& subscription_;
        Group& group_;
    };

    /// While it lives, the subscriber is told. Both must outlive it.
    class Membership {
    public:
        Membership(Place& place, Subscriber& subscriber);
        ~Membership();
        Membership(const Membership&) = delete;
        Membership& operator=(const Membership&) = delete;

    private:
        Subscribers& all_;
        std::list<Member>::iterator member_;
    };

    /// Tells everybody what is new, until it is cancelled.
    net::awaitable<void> run();

    /// Ends all of them in order, also those that are about to come.
    void stop();

    const PushCounts& counts() const { return counts_; }
    std::size_t count() const { return places_; }

private:
    using Groups = std::map<CoursesQuery, Group>;
    using Members = std::list<Member>;

    /// A part of a round.
    struct Slice {
        SteadyTime ended_at;
        bool has_begun_more = false;  ///< some of it goes on in the loop's queue
    };

    Group& group_of(const CoursesQuery& query);
    Members::iterator add(Place& place, Subscriber& subscriber);
    void remove(Members::iterator member);
    std::size_t& open_of(Transport transport);

    void forget_groups(SteadyTime left_before);
    void begin_round();
    net::awaitable<void> tell_all();
    Slice tell_some(SteadyTime began);
    bool tell(Member& member, SteadyTime at, TimePoint now);
    Topic::Message message_for(Member& member, SteadyTime at, TimePoint now);
    Topic::Message first_message_for(Member& member, SteadyTime at, TimePoint now);

    Service& service_;
    const Clock& clock_;
    PushLimits limits_;
    net::steady_timer wake_;
    Groups groups_;
    std::size_t places_ = 0;
    Members members_;
    Members::iterator next_ = members_.end();  ///< to be told in the round that is under way
    std::chrono::nanoseconds round_took_{};    ///< without what others had of the time
    PushCounts counts_;
    bool is_stopping_ = false;
};

}  // namespace kurs::http
