#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "http/input_buffer.hpp"
#include "http/output_buffer.hpp"
#include "http/push/subscribers.hpp"
#include "http/request_parser.hpp"
#include "kurs/http/date_line.hpp"
#include "kurs/http/server.hpp"

namespace kurs::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What the connections of a server have in common.
struct ConnectionContext {
    Service& service;
    const Clock& clock;
    Subscribers& subscribers;
    HistoryDesk history;
    RequestWatch on_answer;
    ServerLimits limits;
    Duration tick_every;  ///< how often deadlines are looked at
    SteadyTime latest_tick;
    bool is_stopping = false;
    SteadyTime stopped_at = {};
    DateLine date = {};
};

/// One client. It holds its deadline; the server's timer calls `check_deadline`. Must outlive its task.
class Connection {
public:
    using Executor = Server::Executor;
    using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
    using Task = net::awaitable<void, Executor>;

    Connection(Socket socket, ConnectionContext& context);

    /// Answers one request after another until either side ends.
    Task serve();

    /// Answers 503 without reading, as there are too many connections.
    Task turn_away();

    /// Ends the pending operation if it is overdue.
    void check_deadline();

    /// The server stops: an idle client gets a short grace.
    void on_stop();

    /// Cuts the connection.
    void abandon();

private:
    enum class Phase : std::uint8_t { reading, asking_history, writing, subscribed, lingering };

    void receive(std::size_t count);
    void answer_buffered();
    void answer_one();
    Task ask_history();
    Task subscribe();
    void finish_request(const Reply& reply, TimePoint now);
    void refuse(const Problem& problem);
    void note_answer(std::string_view route, unsigned status);
    void append(const Reply& reply, TimePoint now);
    void send_at_once();
    Task send_rest();
    Task end();

    bool is_amid_request() const { return !in_.is_empty() || parser_.has_started(); }
    /// There is something to send or to answer that needs no more of the client.
    bool is_amid_answers() const {
        return !failure_ && (!out_.is_empty() || (!is_last_ && parser_.is_complete()));
    }
    bool may_more_follow();
    void expect_request();
    void enter(Phase phase, SteadyTime deadline);

    /// While the server stops, nobody is waited for beyond `limit` after it began to.
    SteadyTime no_later(SteadyTime deadline, Duration limit) const {
        return context_.is_stopping ? std::min(deadline, context_.stopped_at + limit) : deadline;
    }
    SteadyTime after(Duration limit) const { return context_.latest_tick + limit + context_.tick_every; }

    Socket socket_;
    ConnectionContext& context_;
    RequestParser parser_;
    InputBuffer in_;
    OutputBuffer out_;
    std::optional<PendingAnswer> pending_;      ///< to the complete request in the parser
    std::optional<Subscription> subscription_;  ///< that the complete request in the parser asks for
    SteadyTime received_ = std::chrono::steady_clock::now();  ///< when the last bytes were read
    Phase phase_ = Phase::reading;
    SteadyTime deadline_;                ///< of the pending operation
    SteadyTime request_deadline_;        ///< of the request that is expected or being read
    boost::system::error_code failure_;  ///< why no more can be read or written
    bool is_overdue_ = false;            ///< the pending operation was ended by its deadline
    bool is_last_ = false;               ///< the last answer is written, or about to be
};

}  // namespace kurs::http
