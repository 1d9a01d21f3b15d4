#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <mutex>

#include "kurs/history/store.hpp"

namespace kurs::history {

namespace net = boost::asio;

struct ReaderLimits {
    std::size_t waiting = 16;      ///< queued questions, besides those being answered
    Duration answer_limit{2'000};  ///< from the question to the answer, queueing included
};

/// Passes questions to the sources, one at a time per source, each on its own thread. Used on the loop only.
/// No question may be in progress when it is destroyed.
class Reader {
public:
    /// `unwritten_since` returns the time from which events may be missing from the sources.
    Reader(std::vector<std::unique_ptr<Source>> sources, std::function<TimePoint()> unwritten_since,
           ReaderLimits limits = {});

    net::awaitable<HistoryAnswer> ask(HistoryQuestion question);

private:
    result<HistoryFinding> look_up(const HistoryQuestion& question,
                                   std::chrono::steady_clock::time_point until);

    std::function<TimePoint()> unwritten_since_;
    ReaderLimits limits_;
    std::size_t asked_ = 0;
    std::size_t most_asked_;
    bool is_failing_ = false;  ///< the logged state
    std::mutex mutex_;         ///< guards free_, which the threads use
    std::vector<std::unique_ptr<Source>> free_;
    net::thread_pool threads_;
};

}  // namespace kurs::history
