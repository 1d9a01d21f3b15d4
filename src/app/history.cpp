#include "kurs/app/history.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
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
        recorder_.restore(recovered.changes);
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

std::optional<metrics::ArchiveReading> History::reading(TimePoint now) const {
    if (!stores_.is_written) return std::nullopt;
    metrics::ArchiveReading reading;
    reading.is_writing = archiver_->is_writing();
    reading.waiting_rows = outbox_.waiting();
    reading.written_rows = archiver_->written();
    reading.lost_rows = outbox_.lost() + archiver_->rejected();
    reading.lag = now - unwritten_since(now);
    return reading;
}

TimePoint History::unwritten_since(TimePoint now) const {
    return stores_.is_written ? outbox_.unwritten_since(now) : now - writers_delay;
}

net::awaitable<HistoryAnswer> History::ask(HistoryQuestion question) {
    if (!reader_) co_return HistoryFailure::not_kept;
    if (!archiver_->is_fit()) co_return HistoryFailure::away;
    auto answer = co_await reader_->ask(std::move(question));
    co_return answer;
}

net::awaitable<void> History::finish() {
    if (!archiver_) co_return;
    archiver_->finish();
    const auto left = co_await tasks_.drain(finish_limit);
    if (left.empty()) co_return;
    spdlog::error("history: did not stop in time, exiting");
    std::_Exit(1);  // its thread cannot be joined
}

}  // namespace kurs
