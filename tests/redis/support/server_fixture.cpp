#include "support/server_fixture.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <cstdlib>

namespace kurs::testing {
namespace {

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value) throw std::runtime_error(std::string("run me by tools/private_redis.py: no ") + name);
    return value;
}

template <class Part>
std::vector<std::string> parts_of(const std::vector<StoredEntry>& entries, Part StoredEntry::*part) {
    std::vector<std::string> parts;
    for (const auto& entry : entries) parts.push_back(entry.*part);
    return parts;
}

}  // namespace

ServerTest::ServerTest() : url_(environment("REDIS_URL")) {
    std::signal(SIGPIPE, SIG_IGN);  // as in main
}

void ServerTest::SetUp() {
    for (const auto* what : {"thaw", "start"}) order(what);
    ask({"FLUSHALL"});
    ask({"SCRIPT", "FLUSH"});
}

void ServerTest::TearDown() {
    for (const auto& queue : queues_) queue->close();
    run_out(loop);
}

void ServerTest::order(const std::string& what) {
    net::io_context own;
    net::local::stream_protocol::socket control(own);
    control.connect(environment("REDIS_CONTROL"));
    net::write(control, net::buffer(what + "\n"));
    std::string answer;
    net::read_until(control, net::dynamic_buffer(answer), '\n');
    ASSERT_EQ(answer, "done\n");
}

LogStore& ServerTest::queue(const std::string& copy, redis::RedisLimits limits) {
    queues_.push_back(redis::make_log_store(loop.get_executor(), url_, copy, limits));
    return *queues_.back();
}

redis::Reply ServerTest::ask(redis::Connection::Words words) {
    auto ask_it = [&]() -> net::awaitable<redis::Reply> {
        auto connection =
            co_await redis::open_connection(redis::parse_address(url_).value(), redis::RedisLimits());
        const auto until = std::chrono::steady_clock::now() + 5s;
        const auto reply = co_await connection.value()->command(words, until);
        co_return reply.value();
    };
    return run(loop, ask_it());
}

Epoch ServerTest::lead(LogStore& by, Duration lease) {
    return get(by.take_lease(lease)).value();
}

std::vector<std::string> texts_of(const std::vector<StoredEntry>& entries) {
    return parts_of(entries, &StoredEntry::text);
}

std::vector<std::string> ids_of(const std::vector<StoredEntry>& entries) {
    return parts_of(entries, &StoredEntry::id);
}

}  // namespace kurs::testing
