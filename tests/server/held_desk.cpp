#include "held_desk.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

namespace kurs::server {
namespace {

template <class Action>
void run_on(net::io_context& loop, Action action) {
    std::promise<void> done;
    net::post(loop, [&] {
        action();
        done.set_value();
    });
    done.get_future().wait();
}

}  // namespace

HeldDesk::HeldDesk(net::io_context& loop) : loop_(loop), released_(loop) {}

net::awaitable<api::Finding> HeldDesk::ask(api::Lookup) {
    {
        const std::lock_guard lock(mutex_);
        ++questions_;
    }
    asked_.notify_all();
    boost::system::error_code released;
    if (is_holding_) co_await released_.async_wait(net::redirect_error(net::use_awaitable, released));
    co_return answer_;
}

void HeldDesk::hold() {
    run_on(loop_, [this] {
        is_holding_ = true;
        released_.expires_at(net::steady_timer::time_point::max());
    });
}

bool HeldDesk::wait_for_questions(std::size_t count) {
    std::unique_lock lock(mutex_);
    return asked_.wait_for(lock, std::chrono::seconds(10), [&] { return questions_ >= count; });
}

void HeldDesk::answer(HistoryAnswer answer) {
    run_on(loop_, [this, &answer] {
        answer_ = std::move(answer);
        is_holding_ = false;
        released_.cancel();
    });
}

}  // namespace kurs::server
