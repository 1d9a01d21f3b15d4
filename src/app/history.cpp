#include "kurs/app/history.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <utility>

namespace kurs {
namespace {

/// More than the last call of the archive may take.
constexpr Duration finish_limit = std::chrono::seconds(8);

}  // namespace

History::History(net::any_io_executor loop, const Clock& clock, std::size_t most_waiting_rows,
                 HistoryStores stores, Archiver::RecoveredSink on_recovered)
    : clock_(clock), stores_(std::move(stores)), outbox_(most_waiting_rows), tasks_(loop) {
    if (!is_kept()) return;
    auto restore = [this, pass_on = std::move(on_recovered)](Recovered recovered) {
        journal_.restore(recovered.changes);
        pass_on(std::move(recovered));
    };
    archiver_.emplace(loop, clock, outbox_, *stores_.archive, std::move(restore));
    desk_.emplace(loop, std::move(stores_.sources), [this] { return outbox_.unwritten_since(clock_.now()); });
    tasks_.spawn("history", archiver_->run());
}

void History::record(const Quote& quote, TimePoint now) {
    if (is_kept()) outbox_.add(quote, now);
}

void History::record_loss(VenueId venue, DirectionId direction, TimePoint now) {
    if (is_kept()) outbox_.add_loss(venue, direction, now);
}

void History::record(ActiveChange change) {
    journal_.add(change);
    if (is_kept()) outbox_.add(std::move(change));
}

net::awaitable<HistoryAnswer> History::ask(HistoryQuestion question) {
    if (!desk_) co_return HistoryFailure::not_kept;
    if (!archiver_->is_fit()) co_return HistoryFailure::away;
    auto answer = co_await desk_->ask(std::move(question));
    co_return answer;
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
