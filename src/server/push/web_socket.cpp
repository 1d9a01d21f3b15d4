// The only file that uses Beast's websocket.
#include <array>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server/push/streams.hpp"

namespace kurs::server {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::size_t longest_message = 125;  ///< limit on client messages, which are not needed
constexpr std::chrono::seconds handshake_limit{2};
constexpr std::chrono::seconds idle_limit{30};  ///< a ping is sent after half of this

class WebSocket final : public Subscriber {
    /// The handler of an operation. When one has failed, the others are cancelled.
    template <class Next>
    auto then(Next next) {
        ++operations_;
        return [this, next](boost::system::error_code failure, std::size_t = 0) {
            boost::system::error_code ignored;
            if (failure)
                stream_.next_layer().cancel(ignored);
            else
                next();
            if (--operations_ > 0) return;
            membership_.reset();
            net::post(stream_.get_executor(), std::move(on_end_));
        };
    }

public:
    WebSocket(Socket& socket, Subscribers& all, std::unique_ptr<const api::Subscription> subscription)
        : stream_(socket), subscription_(std::move(subscription)), place_(all, subscription_->query) {
        stream_.set_option(websocket::stream_base::timeout{handshake_limit, idle_limit, true});
        stream_.set_option(websocket::stream_base::decorator(
            [](websocket::response_type& response) { response.set(beast::http::field::server, "kurs"); }));
        stream_.read_message_max(longest_message);
        stream_.auto_fragment(false);
        stream_.text(true);
    }

    void run(std::function<void()> on_end) override {
        on_end_ = std::move(on_end);
        // The upgrade request has been validated.
        beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
        request.set(beast::http::field::host, "kurs");
        request.set(beast::http::field::connection, "upgrade");
        request.set(beast::http::field::upgrade, "websocket");
        request.set(beast::http::field::sec_websocket_key, subscription_->web_socket_key);
        request.set(beast::http::field::sec_websocket_version, "13");
        stream_.async_accept(request, then([this] {
                                 membership_.emplace(place_, *subscription_, *this);
                                 subscription_.reset();
                                 read();
                             }));
    }

    bool flush() override { return !message_; }

    void send(Message message) override {
        message_ = std::move(message);
        stream_.async_write(net::buffer(message_->document()), then([this] {
                                message_.reset();
                                if (closing_) start_closing();
                            }));
    }

    void cut() override {
        boost::system::error_code ignored;
        stream_.next_layer().close(ignored);
    }

    void end() override { close(websocket::close_code::going_away); }

private:
    /// Answers pings, and notices that the client has left.
    void read() {
        static std::array<char, longest_message> ignored;  // of all clients
        stream_.async_read_some(net::buffer(ignored), then([this] {
                                    if (stream_.is_message_done()) close(websocket::close_code::policy_error);
                                    read();
                                }));
    }

    void close(websocket::close_code code) {
        if (closing_) return;
        closing_ = code;
        if (!message_) start_closing();
    }

    void start_closing() {
        stream_.async_close(*closing_, then([] {}));
    }

    websocket::stream<Socket&, false> stream_;
    std::unique_ptr<const api::Subscription> subscription_;  ///< until it has joined
    Subscribers::Place place_;
    std::optional<Subscribers::Membership> membership_;
    std::function<void()> on_end_;
    Message message_;  ///< being sent
    std::optional<websocket::close_code> closing_;
    int operations_ = 0;  ///< that have begun and not ended
};

}  // namespace

std::unique_ptr<Subscriber> make_web_socket(Socket& socket, Subscribers& all,
                                            std::unique_ptr<const api::Subscription> subscription) {
    return std::make_unique<WebSocket>(socket, all, std::move(subscription));
}

}  // namespace kurs::server
