#include "redis/line.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kurs::redis {

using boost::system::error_code;

Line::Line(const net::any_io_executor& loop, log_result<Address> address, RedisLimits limits,
           std::uint64_t seed, const Line* first, const TlsTrust* trust)
    : address_(std::move(address)),
      limits_(limits),
      backoff_({limits.first_wait, limits.longest_wait}, seed),
      turn_(loop, 1),
      first_(first),
      trust_(trust) {}

net::awaitable<log_result<Reply>> Line::command(const Connection::Words& words, Duration wait) {
    if (!address_) co_return address_.error();
    const auto asked_at = std::chrono::steady_clock::now();
    const auto losses = losses_;
    error_code cancelled;
    co_await turn_.async_send(error_code(), net::redirect_error(net::use_awaitable, cancelled));
    if (cancelled) throw boost::system::system_error(net::error::operation_aborted);
    const Turn turn(&turn_);
    // A call that waited for a connection fails with it, so that all calls end within the limit.
    if (is_closed_ || losses_ != losses) co_return last_failure_;
    const bool is_ready = co_await make_ready();
    if (!is_ready) co_return last_failure_;
    const auto until = std::max(asked_at, opened_at_) + limits_.command + wait;
    auto reply = co_await connection_->command(words, until);
    if (is_closed_) co_return last_failure_;
    note_answer(reply);
    co_return reply;
}

void Line::close() {
    is_closed_ = true;
    last_failure_ = failed("closed");
    if (connection_) connection_->close();
}

/// On failure, `last_failure_` is the reason.
net::awaitable<bool> Line::make_ready() {
    if (connection_ && connection_->is_ready() && first_opened_ == newest()) co_return true;
    connection_.reset();
    if (std::chrono::steady_clock::now() < retry_at_) co_return false;
    first_opened_ = newest();
    auto opened = co_await open_connection(*address_, limits_, trust_);
    if (is_closed_) co_return false;
    if (!opened) {
        back_off();
        lose(opened.error());
        co_return false;
    }
    connection_ = *std::move(opened);
    opened_at_ = std::chrono::steady_clock::now();
    ++opened_;
    co_return true;
}

void Line::note_answer(const log_result<Reply>& reply) {
    if (!reply) return lose(reply.error());
    if (!is_refused_connection(*reply)) return backoff_.reset();
    back_off();
    lose(unexpected(*reply));
}

void Line::lose(LogFailure failure) {
    connection_.reset();
    last_failure_ = std::move(failure);
    ++losses_;
}

void Line::back_off() {
    retry_at_ = std::chrono::steady_clock::now() + backoff_.next();
}

}  // namespace kurs::redis
