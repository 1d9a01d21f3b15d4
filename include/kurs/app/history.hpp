#pragma once

#include <memory>
#include <optional>

#include "kurs/board/journal.hpp"
#include "kurs/copies/history_relay.hpp"
#include "kurs/metrics/readings.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/store/archiver.hpp"
#include "kurs/store/history_desk.hpp"

namespace kurs {

/// Where history is written and asked.
struct HistoryStores {
    std::unique_ptr<Archive> archive;
    std::vector<std::unique_ptr<HistorySource>> sources;
};

/// History put together: what is recorded goes to the archive, by the queue that copies share if there is
/// one; questions go to the sources. Without stores it only keeps the journal.
class History {
public:
    /// `map`, `clock` and `queue`, which may be null, must outlive it.
    History(net::any_io_executor loop, const MarketMap& map, const Clock& clock, SharedQueue* queue,
            std::size_t most_waiting_rows, HistoryStores stores, Archiver::RecoveredSink on_recovered);

    // What a service on its own records.
    void record(const Quote& quote, TimePoint now);
    void record_loss(VenueId venue, DirectionId direction, TimePoint now);
    void record(const ActiveChange& change);

    // What copies that share a queue record: what they serve.
    void record(const BoardChange& change);
    void note_known(const BoardChange& whole);

    const Journal& journal() const { return journal_; }

    /// Nothing without stores.
    std::optional<metrics::ArchiveReading> reading(TimePoint now) const;

    /// Null without a queue or stores.
    HistoryRelay* relay() { return relay_ ? &*relay_ : nullptr; }

    net::awaitable<HistoryAnswer> ask(HistoryQuestion question);

    /// Sends to the queue what is left. To be awaited once, when nothing is recorded any more.
    net::awaitable<void> finish_relay(Duration limit);

    /// Writes what is left, for a few seconds at most. To be awaited once, after that.
    net::awaitable<void> finish();

private:
    bool is_kept() const { return stores_.archive != nullptr; }
    TimePoint unwritten_since(TimePoint now) const;

    const Clock& clock_;
    HistoryStores stores_;
    Journal journal_;
    Outbox outbox_;                      ///< of a service on its own
    std::optional<HistoryRelay> relay_;  ///< of a copy
    std::optional<Archiver> archiver_;
    std::optional<HistoryDesk> desk_;
    TaskGroup relay_tasks_;
    TaskGroup tasks_;
};

}  // namespace kurs
