#include "kurs/history/reader.hpp"

#include <spdlog/spdlog.h>

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
               PoolLimits limits)
    : unwritten_since_(std::move(unwritten_since)), sources_(std::move(sources), limits) {}

net::awaitable<HistoryAnswer> Reader::ask(HistoryQuestion question) {
    const auto at = moment_of(question);
    if (at && *at >= unwritten_since_()) co_return HistoryFailure::not_written_yet;
    auto look_up = [asked = std::move(question)](Source& source, Duration left) {
        return source.find(asked, left);
    };
    auto called = co_await sources_.run(std::move(look_up));
    if (!called && called.error() == PoolFailure::full) co_return HistoryFailure::busy;
    auto found = called ? *std::move(called)
                        : result<HistoryFinding>(Failure{HistoryFailure::overdue, "timed out in the queue"});
    if (found) {
        is_failing_ = false;
        co_return *std::move(found);
    }
    const auto& failure = found.error();
    if (!std::exchange(is_failing_, true)) spdlog::warn("history: queries fail, reason={}", failure.text);
    co_return failure.kind == HistoryFailure::overdue ? HistoryFailure::overdue : HistoryFailure::away;
}

}  // namespace kurs::history
