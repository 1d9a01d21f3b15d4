#include "kurs/store/history_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "kurs/runtime/offload.hpp"
#include "store/call_limit.hpp"

namespace kurs {
namespace {

store_result<HistoryAnswer> look_up(HistorySource& source, const HistoryQuestion& question) {
    if (const auto* candles = std::get_if<CandlesQuestion>(&question)) {
        auto page = source.find_candles(*candles);
        if (!page) return page.error();
        return HistoryAnswer(*std::move(page));
    }
    auto course = source.find_course(std::get<CourseQuestion>(question));
    if (!course) return course.error();
    return HistoryAnswer(*std::move(course));
}

}  // namespace

struct HistoryDesk::Seat {
    std::unique_ptr<HistorySource> source;
    bool is_taken = false;
    net::thread_pool thread{1};

    explicit Seat(std::unique_ptr<HistorySource> its_source) : source(std::move(its_source)) {}
};

/// Holds a seat; when it is given back, whoever has waited longest may take it.
class HistoryDesk::Visit {
public:
    Visit(HistoryDesk& desk, Seat& seat) : desk_(desk), seat_(seat) { seat_.is_taken = true; }
    ~Visit() {
        seat_.is_taken = false;
        desk_.call_next();
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

private:
    HistoryDesk& desk_;
    Seat& seat_;
};

HistoryDesk::HistoryDesk(net::any_io_executor loop, std::vector<std::unique_ptr<HistorySource>> sources,
                         std::function<TimePoint()> unwritten_since, HistoryDeskLimits limits)
    : loop_(std::move(loop)), unwritten_since_(std::move(unwritten_since)), limits_(limits) {
    for (auto& source : sources) seats_.emplace_back(std::move(source));
}

HistoryDesk::~HistoryDesk() = default;

net::awaitable<HistoryAnswer> HistoryDesk::ask(HistoryQuestion question) {
    const auto* const course = std::get_if<CourseQuestion>(&question);
    if (course && course->at >= unwritten_since_()) co_return HistoryFailure::not_written_yet;
    const auto until = std::chrono::steady_clock::now() + limits_.answer_limit;
    // Whoever waits already goes first.
    if (!free_seat() || !waiting_.empty()) {
        if (waiting_.size() >= limits_.waiting) co_return HistoryFailure::busy;
        co_await wait_for_seat(until);
    }
    auto* const seat = free_seat();
    if (!seat) co_return HistoryFailure::overdue;
    const Visit visit(*this, *seat);
    call_next();
    auto answer = co_await ask_at(*seat, std::move(question), until);
    co_return answer;
}

HistoryDesk::Seat* HistoryDesk::free_seat() {
    const auto seat = std::ranges::find(seats_, false, &Seat::is_taken);
    return seat == seats_.end() ? nullptr : &*seat;
}

void HistoryDesk::call_next() {
    if (free_seat() && !waiting_.empty()) waiting_.front().cancel();
}

net::awaitable<void> HistoryDesk::wait_for_seat(SteadyTime until) {
    const auto own = waiting_.emplace(waiting_.end(), loop_);
    while (!free_seat() && std::chrono::steady_clock::now() < until) {
        own->expires_at(until);
        boost::system::error_code called;
        co_await own->async_wait(net::redirect_error(net::use_awaitable, called));
    }
    waiting_.erase(own);
}

net::awaitable<HistoryAnswer> HistoryDesk::ask_at(Seat& seat, HistoryQuestion question, SteadyTime until) {
    const CallLimit limit(loop_, until, [&seat] { seat.source->interrupt(); });
    auto job = [&seat, asked = std::move(question)] { return look_up(*seat.source, asked); };
    auto answer = co_await offload(seat.thread, std::move(job));
    if (!answer) co_return failed(answer.error(), limit.was_cut());
    is_failing_ = false;
    co_return *std::move(answer);
}

HistoryFailure HistoryDesk::failed(const StoreFailure& failure, bool was_cut) {
    if (!std::exchange(is_failing_, true)) spdlog::warn("history is not answered: {}", failure.text);
    return was_cut || failure.is_overdue ? HistoryFailure::overdue : HistoryFailure::away;
}

}  // namespace kurs
