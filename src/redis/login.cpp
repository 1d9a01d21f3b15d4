#include <boost/asio/this_coro.hpp>

#include "kurs/runtime/name_lookup.hpp"
#include "redis/answers.hpp"
#include "redis/connection.hpp"

namespace kurs::redis {
namespace {

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

net::awaitable<Opened> open_connection(const Address& address, const RedisLimits& limits) {
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
        if (!refusal) refusal = co_await log_in(*connection, address, share_until);
        if (!refusal) co_return connection;
        failure = *std::move(refusal);
    }
    co_return failure;
}

}  // namespace kurs::redis
