#include "websocket_server.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/rate_policy.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>
#include <limits>

#include "http_wire.hpp"

namespace sim {
namespace {

using namespace wire;
namespace websocket = beast::websocket;
using tcp = net::ip::tcp;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds farewell_limit{2};
constexpr std::size_t longest_inbound_message = 64 * 1024;
constexpr std::size_t most_queued = 1000;
constexpr std::size_t fragment_size = 16;

/// Passes all bytes or none, which simulates a network that drops packets. Beast asks again each second.
class WriteGate {
public:
    bool is_open = true;

private:
    friend class beast::rate_policy_access;
    static constexpr auto all = std::numeric_limits<std::size_t>::max();

    std::size_t available_read_bytes() const noexcept { return all; }
    std::size_t available_write_bytes() const noexcept { return is_open ? all : 0; }
    void transfer_read_bytes(std::size_t) const noexcept {}
    void transfer_write_bytes(std::size_t) const noexcept {}
    void on_timer() const noexcept {}
};

using Wire = beast::basic_stream<tcp, net::any_io_executor, WriteGate>;

/// A connection after its upgrade: the session's queue of messages, and its request to close.
template <class Lower>
class Connection final : public Peer {
public:
    explicit Connection(Lower lower)
        : socket_(std::move(lower)), wake_(socket_.get_executor()), ended_(socket_.get_executor()) {
        wake_.expires_at(Steady::time_point::max());
        ended_.expires_at(Steady::time_point::max());
        auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
        timeouts.idle_timeout = websocket::stream_base::none();  // sessions check their pongs
        timeouts.keep_alive_pings = false;
        socket_.set_option(timeouts);
        socket_.read_message_max(longest_inbound_message);
    }

    websocket::stream<Lower>& socket() { return socket_; }

    void send(Frame frame) override {
        auto due = Steady::now() + frame.delay;
        if (!frame.may_be_overtaken) {
            due = std::max(due, data_due_);
            data_due_ = due;
        }
        enqueue({std::move(frame), {}, due});
    }

    void ping(std::string payload) override { enqueue({{}, std::move(payload), Steady::now()}); }

    void end(Ending ending) override {
        if (ending_) return;
        ending_ = std::move(ending);
        wake_.cancel();
        ended_.cancel();
    }

    void hold_writes(bool hold) override { beast::get_lowest_layer(socket_).rate_policy().is_open = !hold; }

    /// Runs until the client or the session closes the connection.
    net::awaitable<void> run(StreamSession& session, const WallClock& clock) {
        using namespace net::experimental::awaitable_operators;
        socket_.control_callback([&](websocket::frame_type type, beast::string_view payload) {
            if (type == websocket::frame_type::ping) session.on_ping(clock.now());
            if (type == websocket::frame_type::pong)
                session.on_pong({payload.data(), payload.size()}, clock.now());
        });
        co_await (read_all(session, clock) || write_all() || enforce_end());
    }

private:
    struct Outgoing {
        Frame frame;
        std::string ping;  ///< if not empty, a ping with this payload
        Steady::time_point due;
    };

    void enqueue(Outgoing item) {
        if (ending_) return;
        if (outbox_.size() >= most_queued) return end({.how = Ending::How::drop});
        const auto is_later = [](Steady::time_point due, const Outgoing& queued) { return due < queued.due; };
        const auto place = std::upper_bound(outbox_.begin(), outbox_.end(), item.due, is_later);
        outbox_.insert(place, std::move(item));
        wake_.cancel();
    }

    net::awaitable<void> read_all(StreamSession& session, const WallClock& clock) {
        error_code failure;
        while (!failure) {
            beast::flat_buffer buffer;
            co_await socket_.async_read(buffer, net::redirect_error(net::use_awaitable, failure));
            const auto bytes = buffer.cdata();
            if (!failure)
                session.on_text({static_cast<const char*>(bytes.data()), bytes.size()}, clock.now());
        }
    }

    net::awaitable<void> write_all() {
        for (;;) {
            const bool is_over = ending_ && (ending_->how != Ending::How::close_frame || outbox_.empty());
            if (is_over) break;
            const bool must_wait = outbox_.empty() || (!ending_ && outbox_.front().due > Steady::now());
            if (must_wait) {
                wake_.expires_at(outbox_.empty() ? Steady::time_point::max() : outbox_.front().due);
                error_code woken;
                co_await wake_.async_wait(net::redirect_error(net::use_awaitable, woken));
                continue;
            }
            auto item = std::move(outbox_.front());
            outbox_.pop_front();
            const bool written = co_await write(std::move(item));
            if (!written) co_return;
        }
        if (ending_->how != Ending::How::close_frame) co_return hard_close();
        websocket::close_reason reason(static_cast<websocket::close_code>(ending_->code),
                                       ending_->reason.c_str());
        error_code ignored;
        co_await socket_.async_close(reason, net::redirect_error(net::use_awaitable, ignored));
    }

    net::awaitable<bool> write(Outgoing item) {
        error_code failure;
        socket_.binary(item.frame.is_binary);
        if (!item.ping.empty()) {
            const websocket::ping_data payload(item.ping.c_str());
            co_await socket_.async_ping(payload, net::redirect_error(net::use_awaitable, failure));
        } else if (item.frame.is_fragmented) {
            failure = co_await write_in_fragments(std::move(item.frame.text));
        } else {
            const auto bytes = net::buffer(item.frame.text);
            co_await socket_.async_write(bytes, net::redirect_error(net::use_awaitable, failure));
        }
        co_return !failure;
    }

    /// Sends a ping after the first fragment, which the protocol allows.
    net::awaitable<error_code> write_in_fragments(std::string text) {
        error_code failure;
        const websocket::ping_data between("between");
        for (std::size_t at = 0; at < text.size() && !failure; at += fragment_size) {
            const bool is_last = at + fragment_size >= text.size();
            const auto piece = net::buffer(text.data() + at, std::min(fragment_size, text.size() - at));
            co_await socket_.async_write_some(is_last, piece,
                                              net::redirect_error(net::use_awaitable, failure));
            if (at == 0 && !failure)
                co_await socket_.async_ping(between, net::redirect_error(net::use_awaitable, failure));
        }
        co_return failure;
    }

    /// Waits for the session's request to close, and closes even if the client has stopped reading.
    net::awaitable<void> enforce_end() {
        error_code woken;
        co_await ended_.async_wait(net::redirect_error(net::use_awaitable, woken));
        if (ending_ && ending_->how == Ending::How::close_frame) {
            ended_.expires_after(farewell_limit);
            co_await ended_.async_wait(net::redirect_error(net::use_awaitable, woken));
        }
        hard_close();
    }

    void hard_close() {
        auto& wire = beast::get_lowest_layer(socket_);
        error_code ignored;
        if (ending_ && ending_->how == Ending::How::reset)
            wire.socket().set_option(net::socket_base::linger(true, 0), ignored);
        wire.close();
    }

    websocket::stream<Lower> socket_;
    std::deque<Outgoing> outbox_;  ///< ordered by due time
    Steady::time_point data_due_{};
    std::optional<Ending> ending_;
    net::steady_timer wake_;
    net::steady_timer ended_;
};

template <class Lower>
net::awaitable<void> serve(Lower lower, const WallClock& clock, StreamService& service, int line,
                           Traffic& traffic) {
    beast::flat_buffer buffer;
    http::request_parser<http::string_body> parser;
    auto& wire = beast::get_lowest_layer(lower);
    wire.expires_after(wire::handshake_limit);
    error_code failure;
    co_await http::async_read(lower, buffer, parser, net::redirect_error(net::use_awaitable, failure));
    if (failure) co_return;
    ++traffic.requests;
    const auto request = to_request(parser.get());
    auto refusal = service.refusal(request, line, clock.now());
    if (!refusal && !websocket::is_upgrade(parser.get()))
        refusal = Reply{.status = 400, .type = "text/plain", .body = "a WebSocket upgrade was expected"};
    if (refusal) {
        co_await write_reply(lower, std::move(*refusal), false);
        co_return;
    }
    wire.expires_never();  // from here on Beast's WebSocket handles timeouts
    Connection<Lower> connection(std::move(lower));
    const auto upgrade = parser.release();
    co_await connection.socket().async_accept(upgrade, net::redirect_error(net::use_awaitable, failure));
    if (failure) co_return;
    const auto session = service.open(request, connection, line, clock.now());
    co_await connection.run(*session, clock);
}

}  // namespace

net::awaitable<void> serve_websocket(tcp::socket socket, net::ssl::context* tls, const WallClock& clock,
                                     StreamService& service, int line, Traffic& traffic) {
    Wire plain(std::move(socket));
    if (!tls) {
        co_await serve(std::move(plain), clock, service, line, traffic);
        co_return;
    }
    net::ssl::stream<Wire> secure(std::move(plain), *tls);
    secure.next_layer().expires_after(wire::handshake_limit);
    error_code failure;
    const auto side = net::ssl::stream_base::server;
    co_await secure.async_handshake(side, net::redirect_error(net::use_awaitable, failure));
    if (!failure) co_await serve(std::move(secure), clock, service, line, traffic);
}

}  // namespace sim
