#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <optional>

#include "kurs/runtime/clock.hpp"
#include "server/push/topics.hpp"

namespace kurs::server {

namespace net = boost::asio;

using Message = api::Topic::Message;

/// A subscriber's connection. Used on the loop only.
class Subscriber {
public:
    Subscriber() = default;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    virtual ~Subscriber() = default;

    /// Joins and receives messages. Called once. The loop calls `on_end` when the client has left or does not
    /// accept messages, or when the service stops; the connection is finished then.
    virtual void run(std::function<void()> on_end) = 0;

    // For the rounds.

    /// Sends as much unsent data as the client accepts now. Returns whether everything is sent.
    virtual bool flush() = 0;

    /// Must only be called when everything is sent.
    virtual void send(Message message) = 0;

    /// Disconnects a client that does not accept data.
    virtual void cut() = 0;

    /// The service stops: closes the connection in order.
    virtual void end() = 0;
};

/// All subscribers, and the rounds in which they get changes. In each round every subscriber gets the latest
/// changes that it has not received. Nothing queues, and a slow client skips intermediate states. Used on the
/// loop only.
class Subscribers {
    struct Member {
        api::TopicReader reader;
        Subscriber& subscriber;
        api::Transport transport{};
        SteadyTime joined_at;
        SteadyTime told_at;  ///< when the last message was sent
    };

public:
    /// All references must outlive it.
    Subscribers(net::io_context::executor_type loop, api::Api& api, Present present, PushLimits limits);

    /// Why a subscription is not possible now; empty if it is.
    std::optional<api::Problem> refusal(const api::Subscription& subscription);

    /// The place of an accepted subscriber; it counts from before it becomes a member. `all` must outlive it.
    class Place {
    public:
        Place(Subscribers& all, const api::CoursesQuery& query);
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        friend Subscribers;
        Subscribers& all_;
        Topics::Shared& shared_;
    };

    /// The subscriber receives messages while this lives. The place and the subscriber must outlive it.
    class Membership {
    public:
        Membership(Place& place, const api::Subscription& subscription, Subscriber& subscriber);
        ~Membership();
        Membership(const Membership&) = delete;
        Membership& operator=(const Membership&) = delete;

    private:
        Subscribers& all_;
        std::list<Member>::iterator member_;
    };

    /// Sends changes to all subscribers until cancelled.
    net::awaitable<void> run();

    /// Closes all connections in order, including those about to join.
    void stop();

    const PushCounts& counts() const { return counts_; }
    std::size_t count() const { return places_; }

private:
    using Members = std::list<Member>;

    Members::iterator add(Place& place, const api::Subscription& subscription, Subscriber& subscriber);
    void remove(Members::iterator member);
    std::size_t& open_of(api::Transport transport);

    void begin_round();
    net::awaitable<void> tell_all();
    void tell_some();
    void tell(Member& member, SteadyTime at, TimePoint now);

    Present present_;
    PushLimits limits_;
    net::steady_timer wake_;
    Topics topics_;
    std::size_t places_ = 0;
    Members members_;
    Members::iterator next_ = members_.end();  ///< next in the current round
    std::chrono::nanoseconds round_took_{};    ///< duration of the slices only
    PushCounts counts_;
    bool is_stopping_ = false;
};

}  // namespace kurs::server
