#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <string>
#include <vector>

#include "kurs/domain/time.hpp"

namespace kurs {

namespace net = boost::asio;

/// Owns the long-lived tasks of one loop. A task that throws is logged with its name and removed;
/// cancellation is not logged. Not thread-safe: used on the loop only. Must outlive its tasks.
class TaskGroup {
public:
    explicit TaskGroup(net::any_io_executor loop);

    /// Starts a task. A task that has not begun when `stop` is called never begins.
    void spawn(std::string name, net::awaitable<void> task);

    /// Cancels every task: at once when called on the loop, otherwise when the loop next runs. Tasks end at
    /// their next wait.
    void stop();

    /// Waits at most `limit` for all tasks to end. Returns the names of tasks that are still running.
    net::awaitable<std::vector<std::string>> drain(Duration limit);

    /// Cancels every task and waits at most `limit` for them to end. Returns false if some are still running;
    /// their names are logged.
    net::awaitable<bool> end(Duration limit);

    bool is_empty() const { return tasks_.empty(); }
    std::size_t size() const { return tasks_.size(); }

private:
    struct Running {
        std::string name;
        net::cancellation_signal cancel;
        bool has_begun = false;
    };

    net::awaitable<void> run(Running& running, net::awaitable<void> task);
    void cancel_all();
    void retire(std::list<Running>::iterator task, std::exception_ptr error);

    net::any_io_executor loop_;
    std::list<Running> tasks_;
    net::steady_timer emptied_;
    bool is_stopping_ = false;
};

/// Waits for `duration`. Only cancellation ends it early.
net::awaitable<void> sleep_for(Duration duration);

}  // namespace kurs
