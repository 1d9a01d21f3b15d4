#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>

namespace kurs {

namespace net = boost::asio;

/// Runs `call`, which must not throw, on the pool and resumes on the caller's loop. Not cancellable: the call
/// itself must enforce any time limit.
net::awaitable<void> run_on(net::thread_pool& pool, std::function<void()> call);

/// Runs a blocking call on the pool. Returns its result or rethrows its exception.
template <class Call>
net::awaitable<std::invoke_result_t<Call&>> offload(net::thread_pool& pool, Call call) {
    std::optional<std::invoke_result_t<Call&>> returned;
    std::exception_ptr thrown;
    std::function<void()> guarded = [&]() noexcept {
        try {
            returned.emplace(call());
        } catch (...) {
            thrown = std::current_exception();
        }
    };
    co_await run_on(pool, std::move(guarded));
    if (thrown) std::rethrow_exception(thrown);
    co_return *std::move(returned);
}

}  // namespace kurs
