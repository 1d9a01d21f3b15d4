#include "kurs/runtime/name_lookup.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace kurs {
namespace {

/// Shared by the waiting coroutine and the resolving thread; the last one destroys it.
struct Pending {
    std::mutex guard;
    net::steady_timer* answered = nullptr;  // null once the coroutine has stopped waiting
    LookupResult result = net::error::make_error_code(net::error::timed_out);
};

/// Removes the waiter on every exit of the coroutine, so that the thread never touches a destroyed timer.
struct Waiting {
    std::shared_ptr<Pending> pending;

    explicit Waiting(std::shared_ptr<Pending> shared, net::steady_timer& timer) : pending(std::move(shared)) {
        pending->answered = &timer;
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        const std::lock_guard lock(pending->guard);
        pending->answered = nullptr;
    }
};

void deliver(const std::shared_ptr<Pending>& pending, LookupResult result) {
    const std::lock_guard lock(pending->guard);
    if (!pending->answered) return;
    pending->result = std::move(result);
    // The timer is touched on the loop only. The waiter may be gone by then, so it is checked again.
    auto wake = [pending] {
        const std::lock_guard relock(pending->guard);
        if (pending->answered) pending->answered->cancel();
    };
    net::post(pending->answered->get_executor(), std::move(wake));
}

}  // namespace

// glibc tries the nameservers in order in every lookup, so a dead first one costs this timeout once per
// search domain.
void ask_next_nameserver_soon() {
    ::setenv("RES_OPTIONS", "timeout:1 attempts:3", 0);
}

LookupResult look_up_blocking(const std::string& host, std::uint16_t port) {
    net::ip::tcp::resolver resolver{net::system_executor()};
    boost::system::error_code failure;
    const auto found =
        resolver.resolve(host, std::to_string(port), net::ip::tcp::resolver::numeric_service, failure);
    if (failure) return failure;
    Addresses addresses;
    for (const auto& entry : found) addresses.push_back(entry.endpoint());
    return addresses;
}

// Not tcp::resolver::async_resolve: it cannot be cancelled while getaddrinfo runs, and the loop has work
// until then.
net::awaitable<LookupResult> look_up(std::string host, std::uint16_t port, Duration limit,
                                     BlockingLookup lookup) {
    boost::system::error_code not_an_address;
    const auto address = net::ip::make_address(host, not_an_address);
    if (!not_an_address) co_return Addresses{net::ip::tcp::endpoint(address, port)};

    net::steady_timer answered(co_await net::this_coro::executor, limit);
    const auto pending = std::make_shared<Pending>();
    const Waiting waiting(pending, answered);
    auto resolve = [pending, host, port, lookup] { deliver(pending, lookup(host, port)); };
    net::post(net::system_executor(), std::move(resolve));

    boost::system::error_code woken;
    co_await answered.async_wait(net::redirect_error(net::use_awaitable, woken));
    const std::lock_guard lock(pending->guard);
    co_return pending->result;
}

Addresses dialling_order(Addresses found, std::size_t most) {
    if (found.empty()) return found;
    const bool first_family = found.front().address().is_v6();
    const auto same_family = [first_family](const auto& each) {
        return each.address().is_v6() == first_family;
    };
    const auto others = std::stable_partition(found.begin(), found.end(), same_family);

    Addresses ordered;
    auto left = found.begin();
    for (auto right = others; ordered.size() < most && (left != others || right != found.end());) {
        if (left != others) ordered.push_back(*left++);
        if (right != found.end() && ordered.size() < most) ordered.push_back(*right++);
    }
    return ordered;
}

}  // namespace kurs
