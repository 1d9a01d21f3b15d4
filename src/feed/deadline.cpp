#include "feed/deadline.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kurs {
namespace {

using boost::system::error_code;
using net::experimental::awaitable_operators::operator||;

/// Becomes true at the end of its scope.
struct SetAtExit {
    bool& flag;
    ~SetAtExit() { flag = true; }
};

net::awaitable<error_code> noted(net::awaitable<error_code> operation, bool& is_over) {
    const SetAtExit at_exit{is_over};
    co_return co_await std::move(operation);
}

net::awaitable<void> hang_up_after(Duration limit, const bool& is_over,
                                   net::ip::tcp::socket::lowest_layer_type& socket) {
    co_await pause_for(limit);
    error_code ignored;
    if (!is_over) socket.close(ignored);
}

}  // namespace

net::awaitable<bool> pause_for(Duration duration) {
    net::steady_timer timer(co_await net::this_coro::executor, duration);
    error_code cancelled;
    co_await timer.async_wait(net::redirect_error(net::use_awaitable, cancelled));
    co_return !cancelled;
}

net::awaitable<error_code> within(Duration limit, net::awaitable<error_code> operation,
                                  net::ip::tcp::socket::lowest_layer_type& socket) {
    bool is_over = false;
    auto first = co_await (noted(std::move(operation), is_over) || hang_up_after(limit, is_over, socket));
    if (first.index() == 1) co_return net::error::timed_out;
    co_return std::get<0>(first);
}

}  // namespace kurs
