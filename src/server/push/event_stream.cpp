#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "server/push/streams.hpp"

namespace kurs::server {
namespace {

constexpr std::size_t most_read = 16 * 1024;  ///< limit on input from a client that has nothing more to send

class EventStream final : public Subscriber {
public:
    EventStream(Socket& socket, Subscribers& all, std::unique_ptr<const api::Subscription> subscription)
        : socket_(socket), subscription_(std::move(subscription)), place_(all, subscription_->query) {}

    void run(std::function<void()> on_end) override {
        on_end_ = std::move(on_end);
        membership_.emplace(place_, *subscription_, *this);
        subscription_.reset();
        read();
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
    /// Notices that the client has left.
    void read() {
        static std::array<char, 256> ignored;  // of all streams
        if (is_over_ || read_ >= most_read) {
            membership_.reset();
            return net::post(socket_.get_executor(), std::move(on_end_));
        }
        socket_.async_read_some(net::buffer(ignored),
                                [this](boost::system::error_code failure, std::size_t count) {
                                    read_ += count;
                                    is_over_ = is_over_ || failure;
                                    read();
                                });
    }

    Socket& socket_;
    std::unique_ptr<const api::Subscription> subscription_;  ///< until it has joined
    Subscribers::Place place_;
    std::optional<Subscribers::Membership> membership_;
    std::function<void()> on_end_;
    Message message_;
    std::string_view unsent_;  ///< the rest of the message
    std::size_t read_ = 0;
    bool is_over_ = false;
};

}  // namespace

std::unique_ptr<Subscriber> make_event_stream(Socket& socket, Subscribers& all,
                                              std::unique_ptr<const api::Subscription> subscription) {
    return std::make_unique<EventStream>(socket, all, std::move(subscription));
}

}  // namespace kurs::server
