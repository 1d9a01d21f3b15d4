#include "redis/line.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "redis/failure.hpp"

namespace kurs::redis {

/// The one connection attempt in progress. Its end wakes all waiting calls, whatever the result.
class Line::Attempt {
public:
    explicit Attempt(Line& line) : line_(line) { line_.is_trying_ = true; }
    ~Attempt() {
        line_.is_trying_ = false;
        line_.attempt_ended_.cancel();
    }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

private:
    Line& line_;
};

/// A read, which drops its connection unless it is answered.
class Line::Reading {
public:
    explicit Reading(Connection& connection) : connection_(&connection) {}
    ~Reading() {
        if (connection_) connection_->drop("the read was cancelled");
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

    void answered() { connection_ = nullptr; }

private:
    Connection* connection_;
};

Line::Line(const net::any_io_executor& loop, log_result<Address> address, RedisLimits limits,
           std::size_t seed, const Line* first)
    : address_(std::move(address)),
      limits_(limits),
      pace_(limits.first_wait, limits.longest_wait, seed),
      attempt_ended_(loop, net::steady_timer::time_point::max()),
      first_(first) {}

net::awaitable<log_result<Reply>> Line::command(const Connection::Words& words) {
    auto opened = co_await connection();
    if (!opened) co_return opened.error();
    auto reply = co_await (*opened)->command(words, limits_.command);
    note_answer(**opened, reply);
    co_return reply;
}

net::awaitable<log_result<Reply>> Line::read(const Connection::Words& words, Duration wait) {
    auto opened = co_await connection();
    if (!opened) co_return opened.error();
    Reading reading(**opened);
    auto reply = co_await (*opened)->command(words, limits_.command + wait);
    reading.answered();
    note_answer(**opened, reply);
    co_return reply;
}

void Line::close() {
    is_closed_ = true;
    last_failure_ = failed("closed");
    if (connection_) connection_->drop("closed");
    connection_.reset();
}

net::awaitable<Opened> Line::connection() {
    while (is_trying_) co_await wait_for_attempt();
    if (is_closed_) co_return last_failure_;
    if (connection_ && connection_->is_open() && first_opened_ == newest()) co_return connection_;
    connection_.reset();
    if (!pace_.may_try(std::chrono::steady_clock::now())) co_return last_failure_;
    co_return co_await open();
}

net::awaitable<void> Line::wait_for_attempt() {
    boost::system::error_code ended;
    co_await attempt_ended_.async_wait(net::redirect_error(net::use_awaitable, ended));
}

net::awaitable<Opened> Line::open() {
    if (!address_) co_return address_.error();
    const Attempt attempt(*this);
    first_opened_ = newest();
    auto opened = co_await open_connection(*address_, limits_);
    if (is_closed_) co_return last_failure_;
    if (opened) {
        connection_ = *opened;
        ++opened_;
    } else {
        pace_.note_failure(std::chrono::steady_clock::now());
        last_failure_ = opened.error();
    }
    co_return opened;
}

void Line::note_answer(Connection& connection, const log_result<Reply>& reply) {
    if (!reply || !connection.is_open()) return;
    if (!is_refused_connection(*reply)) return pace_.note_success();
    pace_.note_failure(std::chrono::steady_clock::now());
    last_failure_ = unexpected(*reply);
    connection.drop(reply->text);
}

}  // namespace kurs::redis
