#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/runtime/offload.hpp"

namespace kurs {

struct PoolLimits {
    std::size_t waiting = 16;      ///< calls in the queue, besides those in progress
    Duration answer_limit{2'000};  ///< from the call to its end, queueing included
};

/// Why a call has not been made.
enum class PoolFailure : std::uint8_t { full, overdue };

/// Workers whose calls block. Each one serves one call at a time, on a thread of its own. Used on the loop
/// only. No call may be in progress when it is destroyed.
template <class Worker>
class WorkerPool {
public:
    WorkerPool(std::vector<std::unique_ptr<Worker>> workers, PoolLimits limits)
        : limits_(limits),
          most_calls_(workers.size() + limits.waiting),
          free_(std::move(workers)),
          threads_(free_.size()) {}

    template <class Job>
    using Called = boost::system::result<std::invoke_result_t<Job&, Worker&, Duration>, PoolFailure>;

    /// Calls `job(worker, left)`, which must not throw, with the time that is left of the limit.
    template <class Job>
    net::awaitable<Called<Job>> run(Job job) {
        if (calls_ >= most_calls_) co_return PoolFailure::full;
        const auto until = std::chrono::steady_clock::now() + limits_.answer_limit;
        auto call = [this, until, called = std::move(job)]() mutable -> Called<Job> {
            const auto left = std::chrono::floor<Duration>(until - std::chrono::steady_clock::now());
            if (left <= Duration{0}) return PoolFailure::overdue;
            // There is one worker per thread, so one is free.
            std::unique_lock lock(mutex_);
            auto worker = std::move(free_.back());
            free_.pop_back();
            lock.unlock();
            auto returned = called(*worker, left);
            lock.lock();
            free_.push_back(std::move(worker));
            return returned;
        };
        ++calls_;
        auto returned = co_await offload(threads_, std::move(call));
        --calls_;
        co_return returned;
    }

private:
    PoolLimits limits_;
    std::size_t calls_ = 0;  ///< in progress or waiting
    std::size_t most_calls_;
    std::mutex mutex_;  ///< guards free_, which the threads use
    std::vector<std::unique_ptr<Worker>> free_;
    net::thread_pool threads_;
};

}  // namespace kurs
