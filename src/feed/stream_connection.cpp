#include "feed/stream_connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "feed/deadline.hpp"
#include "feed/interim_answers.hpp"
#include "feed/transport.hpp"
#include "kurs/venue/retry_after.hpp"

namespace kurs {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

/// A socket that Beast closes without waiting for the peer to close first. Otherwise Beast 1.81, which sets
/// no timer here, would wait forever after a close frame or an oversized message.
class Abrupt : public FinalAnswer<Transport> {
public:
    using FinalAnswer::FinalAnswer;
};

// Beast finds the next two by argument-dependent lookup.

void beast_close_socket(Abrupt& stream) {
    error_code ignored;
    stream.lowest_layer().close(ignored);
}

template <class Handler>
void async_teardown(beast::role_type, Abrupt& stream, Handler&& handler) {
    beast_close_socket(stream);
    net::post(stream.get_executor(), beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
}

ConnectionEnd failed_to_connect(std::string text, bool is_untrusted = false) {
    ConnectionEnd end;
    end.cause = ConnectionEndCause::connect_failed;
    end.text = std::move(text);
    end.is_untrusted = is_untrusted;
    return end;
}

ConnectionEnd refused(const websocket::response_type& response, TimePoint now) {
    ConnectionEnd end;
    end.cause = ConnectionEndCause::upgrade_refused;
    end.status = static_cast<int>(response.result_int());
    const auto header = response[beast::http::field::retry_after];
    end.retry_after = parse_retry_after(std::string_view(header.data(), header.size()), now);
    end.text = describe_refusal(end.status, end.retry_after);
    return end;
}

ConnectionEnd failed_to_go_on(error_code failure, const websocket::close_reason& close) {
    ConnectionEnd end;
    if (failure == net::error::operation_aborted) return end;
    if (close.code != websocket::close_code::none) {
        end.cause = ConnectionEndCause::closed_by_peer;
        end.text = "closed by the venue (" + std::to_string(close.code) + " " +
                   printable(std::string_view(close.reason.data(), close.reason.size())) + ")";
    } else if (failure == websocket::error::message_too_big || failure == websocket::error::buffer_overflow) {
        end.cause = ConnectionEndCause::oversized;
        end.text = "oversized message";
    } else if (failure == websocket::condition::protocol_violation) {
        end.cause = ConnectionEndCause::protocol_error;
        end.text = "WebSocket protocol error: " + failure.message();
    } else {
        end.cause = ConnectionEndCause::closed_by_peer;
        end.text = "connection lost: " + failure.message();
    }
    return end;
}

class WebsocketConnection final : public StreamConnection {
public:
    WebsocketConnection(Transport transport, std::size_t message_max) : stream_(std::move(transport)) {
        stream_.read_message_max(message_max);
        stream_.text(true);
    }

    net::awaitable<std::optional<ConnectionEnd>> upgrade(const StreamFeed& feed, const Endpoint& endpoint,
                                                         const StreamRequest& request) {
        const auto decorate = [&](websocket::request_type& upgrade) {
            upgrade.set(beast::http::field::user_agent, feed.user_agent);
            for (const auto& [name, value] : request.headers) upgrade.set(name, value);
        };
        stream_.set_option(websocket::stream_base::decorator(decorate));

        const std::string host = endpoint.host_header();
        const auto target = endpoint.request_target(request.target);
        websocket::response_type response;
        auto& socket = stream_.next_layer().lowest_layer();
        const error_code failure =
            co_await within(feed.limits.connect.upgrade, shake_hands(response, host, target), socket);
        if (failure == websocket::error::upgrade_declined) co_return refused(response, feed.clock.now());
        if (failure == net::error::timed_out) co_return failed_to_connect("upgrade: timed out");
        if (failure) co_return failed_to_connect("upgrade: " + failure.message());

        co_return std::nullopt;
    }

    net::awaitable<std::optional<ConnectionEnd>> read() override {
        buffer_.consume(buffer_.size());
        error_code failure;
        co_await stream_.async_read(buffer_, net::redirect_error(net::use_awaitable, failure));
        if (failure) co_return failed_to_go_on(failure, stream_.reason());
        co_return std::nullopt;
    }

    std::string_view frame() const override {
        const auto bytes = buffer_.cdata();
        return {static_cast<const char*>(bytes.data()), bytes.size()};
    }

    net::awaitable<std::optional<ConnectionEnd>> write(std::string_view text) override {
        const auto bytes = net::buffer(text);
        error_code failure;
        co_await stream_.async_write(bytes, net::redirect_error(net::use_awaitable, failure));
        if (failure) co_return failed_to_go_on(failure, stream_.reason());
        co_return std::nullopt;
    }

    void hang_up() override {
        error_code ignored;
        stream_.next_layer().lowest_layer().close(ignored);
    }

    void on_control(std::function<void(bool is_ping)> heard) override {
        auto tell = [heard = std::move(heard)](websocket::frame_type kind, beast::string_view) {
            heard(kind == websocket::frame_type::ping);
        };
        stream_.control_callback(std::move(tell));
    }

private:
    net::awaitable<error_code> shake_hands(websocket::response_type& response, const std::string& host,
                                           const std::string& target) {
        error_code failure;
        co_await stream_.async_handshake(response, host, target,
                                         net::redirect_error(net::use_awaitable, failure));
        co_return failure;
    }

    // Beast's timers stay off, which is the default: its idle timer ignores pings.
    websocket::stream<Abrupt> stream_;
    beast::flat_buffer buffer_;
};

}  // namespace

net::awaitable<OpenedStream> open_stream(const StreamFeed& feed, Endpoint endpoint, StreamRequest request) {
    const Way way{endpoint, feed.proxy, feed.trust, feed.first_address};
    auto transport = co_await dial(way, feed.limits.connect);
    if (!transport) co_return failed_to_connect(transport.error().text, transport.error().is_untrusted);

    auto connection = std::make_unique<WebsocketConnection>(*std::move(transport), feed.limits.message_max);
    auto failure = co_await connection->upgrade(feed, endpoint, request);
    if (failure) co_return *std::move(failure);
    std::unique_ptr<StreamConnection> opened = std::move(connection);
    co_return opened;
}

}  // namespace kurs
