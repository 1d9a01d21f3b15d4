// The only file that uses Beast's websocket.
#include "server/push/streams.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace kurs::server {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using namespace net::experimental::awaitable_operators;

constexpr std::size_t longest_message = 125;  ///< limit on client messages, which are not needed
constexpr std::chrono::seconds handshake_limit{2};
constexpr std::chrono::seconds idle_limit{30};  ///< a ping is sent after half of this

class WebSocket final : public Subscriber {
public:
    explicit WebSocket(Socket& socket) : stream_(socket), news_(socket.get_executor()) {
        stream_.set_option(websocket::stream_base::timeout{handshake_limit, idle_limit, true});
        stream_.set_option(websocket::stream_base::decorator(
            [](websocket::response_type& response) { response.set(beast::http::field::server, "kurs"); }));
        stream_.read_message_max(longest_message);
        stream_.auto_fragment(false);
        stream_.text(true);
        news_.expires_at(net::steady_timer::time_point::max());
    }

    /// The upgrade request has been validated.
    Task accept(const std::string& key) {
        beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
        request.set(beast::http::field::host, "kurs");
        request.set(beast::http::field::connection, "upgrade");
        request.set(beast::http::field::upgrade, "websocket");
        request.set(beast::http::field::sec_websocket_key, key);
        request.set(beast::http::field::sec_websocket_version, "13");
        co_await stream_.async_accept(request, net::redirect_error(use_task, failure_));
    }

    bool is_open() const { return !failure_; }

    Task talk() {
        auto both = read() || write();
        co_await std::move(both);
    }

    bool flush() override { return !message_; }

    void send(Message message) override {
        message_ = std::move(message);
        news_.cancel();
    }

    void cut() override {
        boost::system::error_code ignored;
        stream_.next_layer().close(ignored);
    }

    void end() override { close(websocket::close_code::going_away); }

private:
    /// Answers pings, and notices that the client has left.
    Task read() {
        beast::flat_static_buffer<longest_message> said;
        boost::system::error_code failure;
        while (!failure) {
            const auto count = co_await stream_.async_read(said, net::redirect_error(use_task, failure));
            said.consume(count);
            if (!failure) close(websocket::close_code::policy_error);
        }
    }

    Task write() {
        boost::system::error_code failure;
        while (!failure) {
            if (message_) {
                const auto text = net::buffer(message_->document());
                co_await stream_.async_write(text, net::redirect_error(use_task, failure));
                message_.reset();
            } else if (closing_) {
                const websocket::close_reason reason(*closing_);
                co_await stream_.async_close(reason, net::redirect_error(use_task, failure));
                break;
            } else {
                boost::system::error_code woken;
                co_await news_.async_wait(net::redirect_error(use_task, woken));
            }
        }
    }

    void close(websocket::close_code code) {
        if (!closing_) closing_ = code;
        news_.cancel();
    }

    websocket::stream<Socket&, false> stream_;
    net::steady_timer news_;  ///< never expires: cancelled when there is a message to send
    Message message_;         ///< being sent
    std::optional<websocket::close_code> closing_;
    boost::system::error_code failure_;
};

}  // namespace

Task serve_web_socket(Socket& socket, Subscribers::Place& place) {
    WebSocket client(socket);
    co_await client.accept(place.subscription().web_socket_key);
    if (!client.is_open()) co_return;
    const Subscribers::Membership membership(place, client);
    co_await client.talk();
}

}  // namespace kurs::server
