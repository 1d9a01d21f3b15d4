#include "redis/connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>

#include "redis/answers.hpp"

namespace kurs::redis {
namespace {

using boost::system::error_code;

/// Overhead of an entry: its id and the other fields.
constexpr std::size_t entry_bytes = 2048;

std::string encode(const Connection::Words& words) {
    std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return bytes;
}

}  // namespace

Connection::Connection(const net::any_io_executor& loop, const RedisLimits& limits)
    : stream_(loop), replies_((limits.text_bytes + entry_bytes) * most_entries) {}

net::awaitable<std::optional<LogFailure>> Connection::connect(const net::ip::tcp::endpoint& address,
                                                              SteadyTime until) {
    error_code error;
    stream_.expires_at(until);
    co_await stream_.async_connect(address, net::redirect_error(net::use_awaitable, error));
    if (!error) stream_.socket().non_blocking(true, error);
    if (error) co_return failure_of(error);
    stream_.socket().set_option(net::ip::tcp::no_delay(true), error);
    is_idle_ = true;
    co_return std::nullopt;
}

net::awaitable<log_result<Reply>> Connection::command(const Words& words, SteadyTime until) {
    is_idle_ = false;
    error_code error;
    const auto bytes = encode(words);
    stream_.expires_at(until);
    co_await net::async_write(stream_, net::buffer(bytes), net::redirect_error(net::use_awaitable, error));
    while (!error) {
        const auto size = co_await stream_.async_read_some(net::buffer(piece_),
                                                           net::redirect_error(net::use_awaitable, error));
        replies_.feed(std::string_view(piece_.data(), size));
        auto reply = replies_.next();
        if (!reply) co_return reply.error();
        is_idle_ = reply->has_value();
        if (is_idle_) co_return **std::move(reply);
    }
    co_return failure_of(error);
}

bool Connection::is_ready() {
    if (!is_idle_ || !replies_.is_empty()) return false;
    char unexpected = 0;
    error_code error;
    stream_.socket().receive(net::buffer(&unexpected, 1), net::socket_base::message_peek, error);
    return error == net::error::would_block;
}

LogFailure Connection::failure_of(const error_code& error) const {
    const bool is_cancelled = error == net::error::operation_aborted && stream_.socket().is_open();
    if (is_cancelled) throw boost::system::system_error(error);
    if (error == boost::beast::error::timeout) return failed("no answer in time");
    if (error == net::error::eof) return failed("Server closed the connection");
    return failed(error.message());
}

}  // namespace kurs::redis
