#include "kurs/runtime/task_group.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace kurs {

TaskGroup::TaskGroup(net::any_io_executor loop) : loop_(std::move(loop)), emptied_(loop_) {}

void TaskGroup::spawn(std::string name, net::awaitable<void> task) {
    tasks_.emplace_front();
    const auto running = tasks_.begin();
    running->name = std::move(name);
    auto retired = [this, running](std::exception_ptr error) { retire(running, error); };
    net::co_spawn(loop_, run(*running, std::move(task)),
                  net::bind_cancellation_slot(running->cancel.slot(), std::move(retired)));
}

net::awaitable<void> TaskGroup::run(Running& running, net::awaitable<void> task) {
    running.has_begun = true;
    if (is_stopping_) co_return;
    co_await std::move(task);
}

void TaskGroup::stop() {
    is_stopping_ = true;
    // Runs on the loop: elsewhere the cancellation would be posted and could reach a task that has already
    // been removed.
    net::dispatch(loop_, [this] { cancel_all(); });
}

void TaskGroup::cancel_all() {
    for (auto task = tasks_.begin(); task != tasks_.end();) {
        auto current = task++;  // a cancelled task may be removed at once
        // In Asio 1.81 a cancellation before the first step escapes into the loop.
        if (current->has_begun) current->cancel.emit(net::cancellation_type::terminal);
    }
}

net::awaitable<std::vector<std::string>> TaskGroup::drain(Duration limit) {
    if (!tasks_.empty()) {
        emptied_.expires_after(limit);
        boost::system::error_code ended_early;
        co_await emptied_.async_wait(net::redirect_error(net::use_awaitable, ended_early));
    }
    std::vector<std::string> left;
    for (const auto& task : tasks_) left.push_back(task.name);
    co_return left;
}

net::awaitable<bool> TaskGroup::end(Duration limit) {
    stop();
    const auto left = co_await drain(limit);
    for (const auto& name : left) spdlog::error("task {} did not end", name);
    co_return left.empty();
}

void TaskGroup::retire(std::list<Running>::iterator task, std::exception_ptr error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() != net::error::operation_aborted) {
            spdlog::error("task {} failed: {}", task->name, failure.what());
        }
    } catch (const std::exception& failure) {
        spdlog::error("task {} failed: {}", task->name, failure.what());
    }
    tasks_.erase(task);
    if (tasks_.empty()) emptied_.cancel();
}

net::awaitable<void> sleep_for(Duration duration) {
    net::steady_timer timer(co_await net::this_coro::executor, duration);
    co_await timer.async_wait(net::use_awaitable);
}

}  // namespace kurs
