#pragma once

#include <memory>
#include <optional>

#include "kurs/board/board_change.hpp"
#include "kurs/board/journal.hpp"
#include "kurs/metrics/readings.hpp"
#include "kurs/runtime/task_group.hpp"
#include "kurs/store/archiver.hpp"
#include "kurs/store/history_desk.hpp"
#include "kurs/store/outbox.hpp"

namespace kurs {

/// Where history is written and read. Without an archive there is none.
struct HistoryStores {
    std::unique_ptr<Archive> archive;
    std::vector<std::unique_ptr<HistorySource>> sources;
    bool is_written = false;  ///< by this replica; otherwise others write it and this one only reads
};

/// History assembled: what this replica serves goes to the archive, questions go to the sources. Every
/// replica records the same rows, and writing a row again changes nothing, so no replica needs to know what
/// others have written. Without stores only the failover history is kept, in memory.
class History {
public:
    /// `clock` must outlive it.
    History(net::any_io_executor loop, const Clock& clock, std::size_t most_waiting_rows,
            HistoryStores stores, Archiver::RecoveredSink on_recovered);

    void record(const Quote& quote, TimePoint now);
    void record_loss(VenueId venue, DirectionId direction, TimePoint now);
    void record(const ActiveChange& change);

    /// Everything in the change, as of the moment from which it is served.
    void record(const BoardChange& change);

    /// A snapshot: others have recorded what it holds.
    void note_known(const BoardChange& whole);

    const Journal& journal() const { return journal_; }

    /// Nothing where this replica does not write.
    std::optional<metrics::ArchiveReading> reading(TimePoint now) const;

    net::awaitable<HistoryAnswer> ask(HistoryQuestion question);

    /// Writes the rest, for a few seconds at most. To be awaited once, when nothing is recorded any more.
    net::awaitable<void> finish();

private:
    TimePoint unwritten_since(TimePoint now) const;

    const Clock& clock_;
    HistoryStores stores_;
    Journal journal_;
    Outbox outbox_;
    std::optional<Archiver> archiver_;
    std::optional<HistoryDesk> desk_;
    TaskGroup tasks_;
};

}  // namespace kurs
