#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "api/market_fixture.hpp"
#include "held_desk.hpp"
#include "kurs/server/server.hpp"

namespace kurs::server {

using namespace api;  // for its market

/// More than the kernel buffers.
inline const std::string& large_file() {
    static const std::string bytes(8 << 20, 'k');
    return bytes;
}

/// A server on its own port, with its loop in a thread. Its quotes stay fresh.
class RunningServer {
public:
    explicit RunningServer(ServerLimits limits = {}, const std::string& address = "127.0.0.1");
    ~RunningServer();

    std::uint16_t port() const { return port_; }

    /// Without a desk, no history is kept.
    HeldDesk& desk() { return desk_; }

    /// Puts a quote on the board.
    void change(DirectionId direction, const std::string& value, VenueId venue = binance);
    std::uint64_t version();

    /// How often a request named this exchanger.
    std::size_t times_requested(VenueId venue);
    PushCounts push_counts();

    /// From now on the server answers with another front, whose market has no fresh quote.
    void use_stale_front();
    bool has_freed_first_front();

    /// Returns once the server has begun to stop.
    void begin_stop();

    /// Returns how many connections were closed forcibly, once the loop has no more work.
    std::size_t finish(Duration limit = 5s);

private:
    std::shared_ptr<Front> make_front(api::Api& api);
    net::awaitable<void> drain(Duration limit);
    template <class Job>
    auto on_loop(Job job);

    net::io_context loop_{1};
    net::executor_work_guard<Server::Executor> work_{loop_.get_executor()};  ///< until `finish`
    Clock clock_;
    Market market_{clock_.now(), 1h, {{"/assets/large", "text/plain", "\"large\"", large_file()}}};
    api::Api api_{market_.sources(), ""};
    Market stale_market_;
    api::Api stale_api_{stale_market_.sources(), ""};
    HeldDesk desk_{loop_};
    Server server_;
    std::weak_ptr<Front> front_;
    net::cancellation_signal end_push_;
    std::uint16_t port_ = 0;
    std::size_t cut_ = 0;
    std::thread thread_;
};

}  // namespace kurs::server
