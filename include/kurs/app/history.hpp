#pragma once

#include <memory>
#include <optional>

#include "kurs/board/journal.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/store/archiver.hpp"
#include "kurs/store/history_desk.hpp"

namespace kurs {

/// Where history is written and asked.
struct HistoryStores {
    std::unique_ptr<Archive> archive;
    std::vector<std::unique_ptr<HistorySource>> sources;
};

/// History put together: what is recorded goes through the outbox to the archive, questions go to the
/// sources. Without stores it only keeps the journal.
class History {
public:
    /// `clock` must outlive it.
    History(net::any_io_executor loop, const Clock& clock, std::size_t most_waiting_rows,
            HistoryStores stores, Archiver::RecoveredSink on_recovered);

    void record(const Quote& quote, TimePoint now);
    void record_loss(VenueId venue, DirectionId direction, TimePoint now);
    void record(ActiveChange change);

    /// As `record`, for what another copy records.
    void note(const ActiveChange& change) { journal_.add(change); }

    const Journal& journal() const { return journal_; }

    net::awaitable<HistoryAnswer> ask(HistoryQuestion question);

    /// Writes what is left, for a few seconds at most. To be awaited once, when nothing is recorded any more.
    net::awaitable<void> finish();

private:
    bool is_kept() const { return stores_.archive != nullptr; }

    const Clock& clock_;
    HistoryStores stores_;
    Journal journal_;
    Outbox outbox_;
    std::optional<Archiver> archiver_;
    std::optional<HistoryDesk> desk_;
    TaskGroup tasks_;
};

}  // namespace kurs
