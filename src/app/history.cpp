#include "kurs/app/history.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace kurs {
namespace {

/// More than the last archive call may take.
constexpr Duration finish_limit = std::chrono::seconds(8);

/// Other replicas write once a second. A replica that only reads cannot know more.
constexpr Duration writers_delay = std::chrono::seconds(3);

}  // namespace

History::History(net::any_io_executor loop, const Clock& clock, std::size_t most_waiting_rows,
                 HistoryStores stores, history::Archiver::RecoveredSink on_recovered)
    : clock_(clock),
      stores_(std::move(stores)),
      outbox_(most_waiting_rows),
      recorder_(stores_.is_written ? &outbox_ : nullptr),
      tasks_(loop) {
    if (!stores_.archive) return;
    auto restore = [this, pass_on = std::move(on_recovered)](history::Recovered recovered) {
        if (!std::exchange(knows_earlier_runs_, true)) recorder_.restore(recovered.changes);
        recovered_ = recovered.changes;
        pass_on(std::move(recovered));
    };
    archiver_.emplace(loop, clock, outbox_, *stores_.archive, std::move(restore));
    reader_.emplace(std::move(stores_.sources), [this] { return unwritten_since(clock_.now()); });
    tasks_.spawn("history", archiver_->run());
}

void History::record(const BoardChange& change) {
    if (change.is_snapshot) return recorder_.note_known(change.quotes, change.active);
    recorder_.record(change.quotes, change.lost, change.active, change.visible_at);
}

void History::continue_from(const std::shared_ptr<const History>& previous) {
    previous_ = previous;
    recorder_.continue_from(previous->recorder_);
    if (previous->knows_earlier_runs_) {
        knows_earlier_runs_ = true;
    } else if (knows_earlier_runs_) {
        recorder_.restore(recovered_);
    }
}

bool History::is_written() const {
    const auto now = clock_.now();
    return !stores_.is_written || outbox_.unwritten_since(now) >= now;
}

std::optional<metrics::ArchiveReading> History::reading(TimePoint now) const {
    if (!stores_.is_written) return std::nullopt;
    metrics::ArchiveReading reading;
    reading.is_writing = archiver_->is_writing();
    const auto previous = previous_.lock();
    reading.waiting_rows = outbox_.waiting() + (previous ? previous->outbox_.waiting() : 0);
    reading.written_rows = archiver_->written();
    reading.lost_rows = outbox_.lost() + archiver_->rejected();
    reading.lag = now - unwritten_since(now);
    return reading;
}

TimePoint History::unwritten_since(TimePoint now) const {
    if (!stores_.is_written) return now - writers_delay;
    const auto previous = previous_.lock();
    return std::min(outbox_.unwritten_since(now), previous ? previous->unwritten_since(now) : now);
}

net::awaitable<HistoryAnswer> History::ask(HistoryQuestion question) {
    if (!reader_) co_return HistoryFailure::not_kept;
    if (!archiver_->is_fit()) co_return HistoryFailure::away;
    auto answer = co_await reader_->ask(std::move(question));
    co_return answer;
}

net::awaitable<bool> History::finish() {
    if (!archiver_) co_return true;
    archiver_->finish();
    const auto left = co_await tasks_.drain(finish_limit);
    if (!left.empty()) spdlog::error("history: did not stop in time");
    co_return left.empty();
}

}  // namespace kurs
