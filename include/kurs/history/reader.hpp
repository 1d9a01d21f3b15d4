#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "kurs/history/store.hpp"
#include "kurs/runtime/worker_pool.hpp"

namespace kurs::history {

namespace net = boost::asio;

/// Passes questions to the sources, one at a time per source, each on its own thread. Used on the loop only.
/// No question may be in progress when it is destroyed.
class Reader {
public:
    /// `unwritten_since` returns the time from which events may be missing from the sources.
    Reader(std::vector<std::unique_ptr<Source>> sources, std::function<TimePoint()> unwritten_since,
           PoolLimits limits = {});

    net::awaitable<HistoryAnswer> ask(HistoryQuestion question);

private:
    std::function<TimePoint()> unwritten_since_;
    bool is_failing_ = false;  ///< the logged state
    WorkerPool<Source> sources_;
};

}  // namespace kurs::history
