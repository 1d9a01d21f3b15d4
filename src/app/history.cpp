#include "kurs/app/history.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <utility>

namespace kurs {
namespace {

/// More than the last call of the archive may take.
constexpr Duration finish_limit = std::chrono::seconds(8);

}  // namespace

History::History(net::any_io_executor loop, const MarketMap& map, const Clock& clock, SharedQueue* queue,
                 std::size_t most_waiting_rows, HistoryStores stores, Archiver::RecoveredSink on_recovered)
    : clock_(clock),
      stores_(std::move(stores)),
      outbox_(most_waiting_rows),
      relay_tasks_(loop),
      tasks_(loop) {
    if (!is_kept()) return;
    auto can_write = [this] { return archiver_->is_writing(); };
    if (queue) relay_.emplace(map, clock, *queue, most_waiting_rows, std::move(can_write));
    BatchSource& source = relay_ ? static_cast<BatchSource&>(*relay_) : outbox_;
    auto restore = [this, pass_on = std::move(on_recovered)](Recovered recovered) {
        journal_.restore(recovered.changes);
        pass_on(std::move(recovered));
    };
    archiver_.emplace(loop, clock, source, *stores_.archive, std::move(restore));
    desk_.emplace(loop, std::move(stores_.sources), [this] { return unwritten_since(clock_.now()); });
    tasks_.spawn("history", archiver_->run());
    if (!relay_) return;
    relay_tasks_.spawn("sending history", relay_->send());
    relay_tasks_.spawn("receiving history", relay_->receive());
}

void History::record(const Quote& quote, TimePoint now) {
    if (is_kept()) outbox_.add(quote, now);
}

void History::record_loss(VenueId venue, DirectionId direction, TimePoint now) {
    if (is_kept()) outbox_.add_loss(venue, direction, now);
}

void History::record(const ActiveChange& change) {
    journal_.add(change);
    if (is_kept()) outbox_.add(change);
}

void History::record(const BoardChange& change) {
    if (change.active) journal_.add(*change.active);
    if (relay_) relay_->record(change);
}

void History::note_known(const BoardChange& whole) {
    if (whole.active) journal_.add(*whole.active);
    if (relay_) relay_->note_known(whole);
}

std::optional<metrics::ArchiveReading> History::reading(TimePoint now) const {
    if (!is_kept()) return std::nullopt;
    const auto& source = relay_ ? static_cast<const BatchSource&>(*relay_) : outbox_;
    metrics::ArchiveReading reading;
    reading.is_writing = archiver_->is_writing();
    reading.waiting_rows = source.waiting();
    reading.written_rows = archiver_->written();
    reading.lost_rows = source.lost() + archiver_->rejected();
    // Unknown until the leader says it.
    const auto since = unwritten_since(now);
    if (since > TimePoint{}) reading.lag = now - since;
    if (relay_) reading.dropped_batches = relay_->dropped();
    return reading;
}

TimePoint History::unwritten_since(TimePoint now) const {
    return relay_ ? relay_->unwritten_since(now) : outbox_.unwritten_since(now);
}

net::awaitable<HistoryAnswer> History::ask(HistoryQuestion question) {
    if (!desk_) co_return HistoryFailure::not_kept;
    if (!archiver_->is_fit()) co_return HistoryFailure::away;
    auto answer = co_await desk_->ask(std::move(question));
    co_return answer;
}

net::awaitable<void> History::finish_relay(Duration limit) {
    relay_tasks_.stop();
    const auto left = co_await relay_tasks_.drain(limit);
    if (relay_ && left.empty()) co_await relay_->finish();
}

net::awaitable<void> History::finish() {
    if (!is_kept()) co_return;
    archiver_->finish();
    const auto left = co_await tasks_.drain(finish_limit);
    if (left.empty()) co_return;
    spdlog::error("history did not end");
    std::_Exit(1);  // its thread cannot be joined
}

}  // namespace kurs
