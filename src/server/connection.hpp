#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "kurs/server/server.hpp"
#include "server/buffers.hpp"
#include "server/date_line.hpp"
#include "server/push/subscribers.hpp"
#include "server/request_parser.hpp"
#include "server/task.hpp"

namespace kurs::server {

/// What a server's connections share.
struct ConnectionContext {
    std::shared_ptr<Front> front;  ///< for new connections and requests
    std::size_t subscribers = 0;   ///< connections that have subscribed to any front
    ServerLimits limits;
    Duration tick_every;  ///< how often deadlines are checked
    SteadyTime latest_tick;
    bool is_stopping = false;
    SteadyTime stopped_at = {};
    DateLine date = {};
};

/// One client. It stores its deadline; the server's timer calls `check_deadline`. Must outlive its task.
class Connection {
public:
    Connection(Socket socket, ConnectionContext& context);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Answers one request after another until either side ends, or the client has subscribed.
    Task serve();

    /// To be run when `serve` has ended. Null: the connection is closed.
    Subscriber* subscriber();

    /// Closes in order, when the subscriber has ended.
    Task end();

    /// Sends a 503 without reading, because there are too many connections.
    Task turn_away();

    /// The server answers with another front. What has begun ends with its own.
    void use_new_front();

    /// Ends the pending operation if its deadline has passed.
    void check_deadline();

    /// The server stops: an idle client gets a short grace period.
    void on_stop();

    /// Closes the connection forcibly.
    void abandon();

private:
    // The states: what the connection does once all unsent data is sent.
    struct Reading {};    ///< reads the next request, or the rest of one
    struct Answering {};  ///< answers the requests that have arrived
    struct LookingUp {
        std::unique_ptr<const api::Lookup> lookup;
    };  ///< for the complete request in the parser
    struct Subscribing {
        std::unique_ptr<api::Subscription> subscription;
    };  ///< as the complete request in the parser asks
    struct Subscribed {
        std::unique_ptr<Subscriber> subscriber;
    };                 ///< until the subscription ends
    struct Ending {};  ///< the last response is written
    using State = std::variant<Reading, Answering, LookingUp, Subscribing, Subscribed, Ending>;

    template <class S>
    bool is() const {
        return std::holds_alternative<S>(state_);
    }

    void receive(std::size_t count);
    void expire();
    void answer_buffered();
    void answer_one();
    Task look_up();
    Task subscribe();
    void finish_request(const api::ResponseView& response, TimePoint now);
    void refuse(const api::Problem& problem);
    void note_answer(std::string_view route, unsigned status);
    void append(const api::ResponseView& response, TimePoint now);
    void send_at_once();
    Task send_rest();

    bool is_amid_request() const { return !in_.is_empty() || parser_.has_started(); }
    bool may_more_follow();
    void expect_request();

    /// While the server stops, no wait exceeds `limit` after the stop began.
    SteadyTime no_later(SteadyTime deadline, Duration limit) const {
        return context_.is_stopping ? std::min(deadline, context_.stopped_at + limit) : deadline;
    }
    SteadyTime after(Duration limit) const { return context_.latest_tick + limit + context_.tick_every; }

    Socket socket_;
    ConnectionContext& context_;
    std::string peer_;  ///< its address
    std::shared_ptr<Front> front_;
    RequestParser parser_;
    InputBuffer in_;
    OutputBuffer out_;
    State state_;
    bool has_subscribed_ = false;
    boost::system::error_code failure_;   ///< why no more can be read or written
    std::optional<SteadyTime> deadline_;  ///< of the pending operation; none: the deadline has ended it
    SteadyTime request_deadline_;         ///< of the request that is expected or being read
    SteadyTime received_ = std::chrono::steady_clock::now();  ///< when the last bytes were read
};

}  // namespace kurs::server
