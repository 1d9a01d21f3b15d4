#include "redis/connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "redis/failure.hpp"
#include "redis/link.hpp"

namespace kurs::redis {
namespace {

using boost::system::error_code;

/// Overhead of an entry: its id and the other fields.
constexpr std::size_t entry_bytes = 2048;

std::size_t bytes_of(const Connection::Words& words) {
    std::size_t bytes = 0;
    for (const auto& word : words) bytes += word.size();
    return bytes;
}

}  // namespace

/// A command in progress. Shared by its caller and the connection, since either may be destroyed first.
struct Connection::Call {
    explicit Call(const net::any_io_executor& loop) : answered(loop, SteadyTime::max()) {}

    net::steady_timer answered;  ///< never expires: cancelled when the reply arrives
    std::optional<log_result<Reply>> answer;
    SteadyTime due;
    std::size_t bytes = 0;
};

Connection::Connection(const net::any_io_executor& loop, const net::ip::tcp::endpoint& address,
                       const RedisLimits& limits)
    : link_(std::make_shared<Link>(
          loop, [this](const redisReply* reply) { on_reply(reply); },
          (limits.text_bytes + entry_bytes) * most_entries)),
      limits_(limits),
      watchdog_(loop) {
    link_->connect(address);
}

Connection::~Connection() {
    drop("connection closed");
}

net::awaitable<log_result<Reply>> Connection::command(const Words& words, Duration limit) {
    const auto sent = send(words, limit);
    if (!sent) co_return sent.error();
    auto& call = **sent;  // from here on no members may be used: this object may be destroyed
    error_code woken;
    co_await call.answered.async_wait(net::redirect_error(net::use_awaitable, woken));
    if (!call.answer) throw boost::system::system_error(net::error::operation_aborted);
    co_return *std::move(call.answer);
}

log_result<std::shared_ptr<Connection::Call>> Connection::send(const Words& words, Duration limit) {
    const auto bytes = bytes_of(words);
    if (calls_.size() >= limits_.commands || bytes_ + bytes > limits_.text_bytes * most_entries)
        return failed("too many commands are under way");
    if (!link_->send(words)) return failed(link_->reason());
    const auto call = std::make_shared<Call>(watchdog_.get_executor());
    call->due = std::chrono::steady_clock::now() + limit;
    call->bytes = bytes;
    calls_.push_back(call);
    bytes_ += bytes;
    watch();
    return call;
}

void Connection::on_reply(const redisReply* reply) {
    const auto call = std::move(calls_.front());
    calls_.pop_front();
    bytes_ -= call->bytes;
    if (reply) {
        call->answer = copy_reply(*reply);
    } else {
        call->answer = failed(link_->reason());
    }
    call->answered.cancel();
}

void Connection::drop(const std::string& reason) {
    link_->drop(reason);
    watchdog_.cancel();
}

bool Connection::is_open() const {
    return link_->is_open();
}

void Connection::watch() {
    if (calls_.empty()) return;
    const auto due = calls_.front()->due;
    if (is_watching_ && watchdog_.expiry() <= due) return;  // it checks again then
    is_watching_ = true;
    watchdog_.expires_at(due);
    watchdog_.async_wait([weak = weak_from_this()](error_code cancelled) {
        const auto self = weak.lock();
        if (!self || cancelled) return;
        self->is_watching_ = false;
        if (self->calls_.empty() || self->calls_.front()->due > std::chrono::steady_clock::now())
            return self->watch();
        self->drop("no answer in time");
    });
}

}  // namespace kurs::redis
