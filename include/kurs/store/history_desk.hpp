#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <list>
#include <memory>

#include "kurs/store/archive.hpp"

namespace kurs {

namespace net = boost::asio;

struct HistoryDeskLimits {
    std::size_t waiting = 16;      ///< questions beyond those being answered
    Duration answer_limit{2'000};  ///< from the question to the answer, waiting included
};

/// Takes questions to the sources, one at a time each, whose calls run on threads of their own. Used on the
/// loop only. No question may be under way when it is destroyed.
class HistoryDesk {
public:
    /// `unwritten_since` tells from when on what happened may not be in the sources yet.
    HistoryDesk(net::any_io_executor loop, std::vector<std::unique_ptr<HistorySource>> sources,
                std::function<TimePoint()> unwritten_since, HistoryDeskLimits limits = {});
    ~HistoryDesk();

    net::awaitable<HistoryAnswer> ask(HistoryQuestion question);

private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct Seat;
    class Visit;

    Seat* free_seat();
    void call_next();
    net::awaitable<void> wait_for_seat(SteadyTime until);
    net::awaitable<HistoryAnswer> ask_at(Seat& seat, HistoryQuestion question, SteadyTime until);
    HistoryFailure failed(const StoreFailure& failure, bool was_cut);

    net::any_io_executor loop_;
    std::list<Seat> seats_;
    std::list<net::steady_timer> waiting_;  ///< in order of arrival; cancelled when a seat becomes free
    std::function<TimePoint()> unwritten_since_;
    HistoryDeskLimits limits_;
    bool is_failing_ = false;  ///< as said in the log
};

}  // namespace kurs
