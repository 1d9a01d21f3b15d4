#include "kurs/history/reader.hpp"

#include <spdlog/spdlog.h>

#include "kurs/runtime/offload.hpp"

namespace kurs::history {
namespace {

/// None: the question is about a range, whose end may be missing.
std::optional<TimePoint> moment_of(const HistoryQuestion& question) {
    if (const auto* const course = std::get_if<CourseQuestion>(&question)) return course->at;
    if (const auto* const explanation = std::get_if<ExplanationQuestion>(&question)) return explanation->at;
    return std::nullopt;
}

}  // namespace

Reader::Reader(std::vector<std::unique_ptr<Source>> sources, std::function<TimePoint()> unwritten_since,
               ReaderLimits limits)
    : unwritten_since_(std::move(unwritten_since)),
      limits_(limits),
      most_asked_(sources.size() + limits.waiting),
      free_(std::move(sources)),
      threads_(free_.size()) {}

net::awaitable<HistoryAnswer> Reader::ask(HistoryQuestion question) {
    const auto at = moment_of(question);
    if (at && *at >= unwritten_since_()) co_return HistoryFailure::not_written_yet;
    if (asked_ >= most_asked_) co_return HistoryFailure::busy;
    const auto until = std::chrono::steady_clock::now() + limits_.answer_limit;
    auto job = [this, until, asked = std::move(question)] { return look_up(asked, until); };
    ++asked_;
    auto found = co_await offload(threads_, std::move(job));
    --asked_;
    if (found) {
        is_failing_ = false;
        co_return *std::move(found);
    }
    const auto& failure = found.error();
    if (!std::exchange(is_failing_, true)) spdlog::warn("history: queries fail, reason={}", failure.text);
    co_return failure.kind == HistoryFailure::overdue ? HistoryFailure::overdue : HistoryFailure::away;
}

/// Runs on one of the threads. There is one source per thread, so one is free.
result<HistoryFinding> Reader::look_up(const HistoryQuestion& question,
                                       std::chrono::steady_clock::time_point until) {
    const auto left = std::chrono::floor<Duration>(until - std::chrono::steady_clock::now());
    if (left <= Duration{0}) return Failure{HistoryFailure::overdue, "timed out in the queue"};
    std::unique_lock lock(mutex_);
    auto source = std::move(free_.back());
    free_.pop_back();
    lock.unlock();
    auto found = source->find(question, left);
    lock.lock();
    free_.push_back(std::move(source));
    return found;
}

}  // namespace kurs::history
