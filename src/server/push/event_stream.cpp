#include "server/push/streams.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>

namespace kurs::server {
namespace {

constexpr std::size_t most_read = 16 * 1024;  ///< limit on input from a client that has nothing more to send

class EventStream final : public Subscriber {
public:
    explicit EventStream(Socket& socket) : socket_(socket) {}

    Task read_to_end() {
        static std::array<char, 256> ignored;  // of all streams
        boost::system::error_code failure;
        for (std::size_t count = 0; !failure && !is_over_ && count < most_read;) {
            const auto room = net::buffer(ignored);
            count += co_await socket_.async_read_some(room, net::redirect_error(use_task, failure));
        }
    }

    bool flush() override {
        while (!unsent_.empty() && !is_over_) {
            boost::system::error_code error;
            unsent_.remove_prefix(socket_.write_some(net::buffer(unsent_), error));
            if (error == net::error::would_block) return false;
            if (error) end();
        }
        unsent_ = {};
        message_.reset();
        return true;
    }

    void send(Message message) override {
        message_ = std::move(message);
        unsent_ = message_->event_stream();
        flush();
    }

    void cut() override { end(); }

    void end() override {
        is_over_ = true;
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }

private:
    Socket& socket_;
    Message message_;
    std::string_view unsent_;  ///< the rest of the message
    bool is_over_ = false;
};

}  // namespace

Task serve_event_stream(Socket& socket, Subscribers::Place& place) {
    EventStream stream(socket);
    const Subscribers::Membership membership(place, stream);
    co_await stream.read_to_end();
}

}  // namespace kurs::server
