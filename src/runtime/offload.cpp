#include "kurs/runtime/offload.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kurs {

net::awaitable<void> run_on(net::thread_pool& pool, std::function<void()> call) {
    auto initiate = [&pool](auto handler, std::function<void()> job) {
        auto loop = net::get_associated_executor(handler);
        // Keeps the loop running until the call returns.
        auto kept_loop = net::prefer(loop, net::execution::outstanding_work.tracked);
        auto run = [handler = std::move(handler), job = std::move(job), kept_loop]() mutable {
            job();
            net::post(kept_loop, std::move(handler));
        };
        net::post(pool, std::move(run));
    };
    co_await net::async_initiate<const net::use_awaitable_t<>, void()>(initiate, net::use_awaitable,
                                                                       std::move(call));
}

}  // namespace kurs
