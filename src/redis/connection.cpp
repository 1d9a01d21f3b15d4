#include "redis/connection.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>

#include "kurs/runtime/name_lookup.hpp"
#include "kurs/runtime/tls_peer.hpp"
#include "kurs/runtime/tls_trust.hpp"

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

/// The last command makes every server reply, even without a login: a socket also connects to a frozen Redis.
std::vector<Connection::Words> login_commands(const Address& address) {
    std::vector<Connection::Words> commands;
    if (!address.user.empty()) {
        commands.push_back({"AUTH", address.user, address.password});
    } else if (!address.password.empty()) {
        commands.push_back({"AUTH", address.password});
    }
    if (address.database != 0) commands.push_back({"SELECT", std::to_string(address.database)});
    commands.push_back({"PING"});
    return commands;
}

LogFailure refused(const Connection::Words& words, const Reply& reply) {
    if (words.front() != "AUTH" || !reply.is_error("ERR")) return unexpected(reply);
    // A server that does not support AUTH echoes its arguments in the error.
    const bool has_none = reply.text.find("without any password configured") != std::string::npos;
    return failed(has_none ? "the URL has a password, but the server expects none" : "the login was refused");
}

net::awaitable<std::optional<LogFailure>> log_in(Connection& connection, const Address& address,
                                                 SteadyTime until) {
    const auto commands = login_commands(address);
    for (const auto& words : commands) {
        auto reply = co_await connection.command(words, until);
        if (!reply) co_return reply.error();
        if (reply->kind != Reply::Kind::text) co_return refused(words, *reply);
    }
    co_return std::nullopt;
}

}  // namespace

Connection::Connection(const net::any_io_executor& loop, const RedisLimits& limits)
    : stream_(loop), replies_((limits.text_bytes + entry_bytes) * LogStore::most_entries) {}

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

net::awaitable<std::optional<LogFailure>> Connection::secure(const TlsTrust& trust, const std::string& host,
                                                             SteadyTime until) {
    tls_.emplace(stream_, trust.context());
    if (!expect_host(tls_->native_handle(), host)) co_return failed("TLS: the host name cannot be verified");
    error_code error;
    stream_.expires_at(until);
    co_await tls_->async_handshake(net::ssl::stream_base::client,
                                   net::redirect_error(net::use_awaitable, error));
    if (!error) co_return std::nullopt;
    const auto untrusted = why_untrusted(tls_->native_handle());
    co_return failed("TLS: " + (untrusted.empty() ? failure_of(error).text : untrusted));
}

net::awaitable<void> Connection::write(const std::string& bytes, error_code& error) {
    if (tls_) {
        co_await net::async_write(*tls_, net::buffer(bytes), net::redirect_error(net::use_awaitable, error));
    } else {
        co_await net::async_write(stream_, net::buffer(bytes),
                                  net::redirect_error(net::use_awaitable, error));
    }
}

net::awaitable<std::size_t> Connection::read_some(error_code& error) {
    if (tls_)
        co_return co_await tls_->async_read_some(net::buffer(piece_),
                                                 net::redirect_error(net::use_awaitable, error));
    co_return co_await stream_.async_read_some(net::buffer(piece_),
                                               net::redirect_error(net::use_awaitable, error));
}

net::awaitable<log_result<Reply>> Connection::command(const Words& words, SteadyTime until) {
    is_idle_ = false;
    error_code error;
    const auto bytes = encode(words);
    stream_.expires_at(until);
    co_await write(bytes, error);
    while (!error) {
        const auto size = co_await read_some(error);
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
    // Received with the last reply, and not read yet.
    if (tls_ && BIO_pending(SSL_get_rbio(tls_->native_handle())) + SSL_pending(tls_->native_handle()) > 0)
        return false;
    char unexpected = 0;
    error_code error;
    stream_.socket().receive(net::buffer(&unexpected, 1), net::socket_base::message_peek, error);
    return error == net::error::would_block;
}

LogFailure Connection::failure_of(const error_code& error) const {
    const bool is_cancelled = error == net::error::operation_aborted && stream_.socket().is_open();
    if (is_cancelled) throw boost::system::system_error(error);
    if (error == boost::beast::error::timeout) return failed("no answer in time");
    if (error == net::error::eof || error == net::ssl::error::stream_truncated)
        return failed("Server closed the connection");
    return failed(error.message());
}

net::awaitable<Opened> open_connection(const Address& address, const RedisLimits& limits,
                                       const TlsTrust* trust) {
    if (address.tls && !trust) co_return failed("TLS: no certificate is trusted");
    const auto until = std::chrono::steady_clock::now() + limits.connect;
    const auto found = co_await look_up(address.host, address.port, limits.connect);
    if (!found) co_return failed("name lookup: " + found.error().message());

    const Addresses addresses = dialling_order(*found);
    const auto loop = co_await net::this_coro::executor;
    auto failure = failed("name lookup: no address");
    for (std::size_t tried = 0; tried < addresses.size(); ++tried) {
        // An address that fails leaves its share of the time to those after it.
        const auto now = std::chrono::steady_clock::now();
        const auto share_until = now + (until - now) / static_cast<Duration::rep>(addresses.size() - tried);
        const auto& endpoint = addresses[tried];
        auto connection = std::make_unique<Connection>(loop, limits);
        auto refusal = co_await connection->connect(endpoint, share_until);
        if (!refusal && address.tls) refusal = co_await connection->secure(*trust, address.host, share_until);
        if (!refusal) refusal = co_await log_in(*connection, address, share_until);
        if (!refusal) co_return connection;
        failure = *std::move(refusal);
    }
    co_return failure;
}

}  // namespace kurs::redis
