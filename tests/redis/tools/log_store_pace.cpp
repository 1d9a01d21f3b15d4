// Appends to the queue of REDIS_URL and reads it back as fast as it goes, and says how many a second that is
// and how much of a processor each takes, besides Redis itself.
//
//     queue_pace <calls> <under way at once> <bytes of a text>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "kurs/redis/log_store.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;
using Call = std::function<net::awaitable<std::size_t>()>;

/// Calls until so much is done. Returns how much one call did.
net::awaitable<void> keep_calling(const Call& call, std::size_t& left) {
    while (left > 0) {
        const auto done = co_await call();
        left -= std::min(left, done);
    }
}

void measure(net::io_context& loop, const std::string& what, const Call& call, std::size_t count,
             std::size_t at_once) {
    const auto begin = std::chrono::steady_clock::now();
    const auto cpu_begin = std::clock();
    auto left = count;
    std::size_t under_way = at_once;
    for (std::size_t i = 0; i < at_once; ++i) {
        net::co_spawn(loop, keep_calling(call, left), [&](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
            --under_way;
        });
    }
    while (under_way > 0) loop.run_one();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto cpu = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
    const auto each = static_cast<double>(count);
    std::cout << what << ", " << at_once << " at once: " << static_cast<long>(each / took.count())
              << " a second, " << cpu / each * 1e6 << " us of CPU each\n";
}

void run(const std::string& url, std::size_t count, std::size_t at_once, std::size_t bytes) {
    net::io_context loop{1};
    const auto queue = redis::make_log_store(loop.get_executor(), url, "pace");
    const std::string text(bytes, 'x');
    Epoch epoch{};
    std::uint64_t version = 0;
    std::string last;
    const Call lead = [&]() -> net::awaitable<std::size_t> {
        const auto taken = co_await queue->take_lease(60s);
        epoch = taken.value().value();
        co_return 1;
    };
    const Call renew = [&]() -> net::awaitable<std::size_t> {
        const auto renewed = co_await queue->renew_lease(epoch, 60s);
        co_return renewed.value() ? 1 : 0;
    };
    const Call append = [&]() -> net::awaitable<std::size_t> {
        ++version;
        const auto id = co_await queue->append(epoch, version, text);
        co_return id.value() ? 1 : 0;
    };
    const Call read = [&]() -> net::awaitable<std::size_t> {
        const auto entries = co_await queue->read_entries(last, 0ms);
        last = entries.value().back().id;
        co_return entries->size();
    };
    const Call check_in = [&]() -> net::awaitable<std::size_t> {
        const auto copies = co_await queue->check_in();
        co_return copies.value();
    };
    measure(loop, "taking the lease", lead, 1, 1);
    for (const auto width : {std::size_t{1}, at_once}) {
        measure(loop, "renewing the lease", renew, count, width);
        measure(loop, "appending to the view", append, count, width);
    }
    measure(loop, "reading entries of the view", read, count, 1);
    measure(loop, "checking in", check_in, count, 1);
    queue->close();
    loop.run();
}

}  // namespace
}  // namespace kurs::testing

int main(int count, char** arguments) {
    const char* const url = std::getenv("REDIS_URL");
    if (count != 4 || !url) {
        std::cerr << "REDIS_URL=... queue_pace <calls> <under way at once> <bytes of a text>\n";
        return 2;
    }
    kurs::testing::run(url, std::stoul(arguments[1]), std::stoul(arguments[2]), std::stoul(arguments[3]));
}
