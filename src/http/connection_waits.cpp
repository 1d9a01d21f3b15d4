// What a connection waits for besides its client, whose later requests wait too, as their answers must not
// come first.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connection.hpp"
#include "use_task.hpp"

namespace kurs::http {
namespace {

constexpr Duration look_every{10};

}  // namespace

bool Connection::may_catch_up() const {
    const auto by = context_.service.behind(context_.clock.now());
    return by > Duration::zero() && by <= context_.limits.catch_up_limit;
}

Connection::Task Connection::catch_up() {
    enter(Phase::catching_up, SteadyTime::max());
    const auto until = std::chrono::steady_clock::now() + context_.limits.catch_up_limit;
    net::steady_timer::rebind_executor<Executor>::other next_look(socket_.get_executor());
    boost::system::error_code ignored;
    do {
        next_look.expires_after(look_every);
        co_await next_look.async_wait(net::redirect_error(use_task, ignored));
    } while (std::chrono::steady_clock::now() < until && may_catch_up());
    has_waited_ = true;
}

/// The wait is bounded by whom we ask.
Connection::Task Connection::ask_history() {
    enter(Phase::asking_history, SteadyTime::max());
    auto asking = context_.history(pending_->question);
    const auto history = co_await net::co_spawn(socket_.get_executor(), std::move(asking), use_task);
    finish_request(context_.service.answer(*pending_, history), context_.clock.now());
    pending_.reset();
}

}  // namespace kurs::http
