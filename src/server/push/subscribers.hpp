#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <optional>

#include "kurs/runtime/clock.hpp"
#include "server/push/topics.hpp"

namespace kurs::server {

namespace net = boost::asio;

using Message = api::Topic::Message;

/// The connection of a subscriber, as the rounds of telling see it. Used on the loop only.
class Subscriber {
public:
    Subscriber() = default;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    virtual ~Subscriber() = default;

    /// Sends on what is unsent, as far as the client takes it now. Returns whether nothing is left.
    virtual bool flush() = 0;

    /// Only when nothing is left.
    virtual void send(Message message) = 0;

    /// Ends the connection without waiting for the client, who does not take what it was sent.
    virtual void cut() = 0;

    /// The service stops: ends the connection in order.
    virtual void end() = 0;
};

/// All subscribers, and the rounds in which they are told of changes. In each round everybody is told what is
/// new to him by then: nothing queues, and a slow client misses what lies between. Used on the loop only.
class Subscribers {
    struct Member {
        api::TopicReader reader;
        Subscriber& subscriber;
        api::Transport transport{};
        SteadyTime joined_at;
        SteadyTime told_at;  ///< when it was sent something last
    };

public:
    /// All must outlive it.
    Subscribers(net::io_context::executor_type loop, api::Api& api, const Clock& clock, PushLimits limits);

    /// Why nobody can subscribe to this now, if so.
    std::optional<api::Problem> refusal(const api::Subscription& subscription);

    /// Of one who is not refused: counts as a subscriber, also before he is a member. All must outlive it.
    class Place {
    public:
        Place(Subscribers& all, const api::Subscription& subscription);
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        const api::Subscription& subscription() const { return subscription_; }

    private:
        friend Subscribers;
        Subscribers& all_;
        const api::Subscription& subscription_;
        Topics::Shared& shared_;
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
    using Members = std::list<Member>;

    /// A part of a round.
    struct Slice {
        SteadyTime ended_at;
        bool has_begun_more = false;  ///< some of it goes on in the loop's queue
    };

    Members::iterator add(Place& place, Subscriber& subscriber);
    void remove(Members::iterator member);
    std::size_t& open_of(api::Transport transport);

    void begin_round();
    net::awaitable<void> tell_all();
    Slice tell_some(SteadyTime began);
    bool tell(Member& member, SteadyTime at, TimePoint now);

    api::Api& api_;
    const Clock& clock_;
    PushLimits limits_;
    net::steady_timer wake_;
    Topics topics_;
    std::size_t places_ = 0;
    Members members_;
    Members::iterator next_ = members_.end();  ///< to be told in the round that is under way
    std::chrono::nanoseconds round_took_{};    ///< without what others had of the time
    PushCounts counts_;
    bool is_stopping_ = false;
};

}  // namespace kurs::server
