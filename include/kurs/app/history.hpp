#pragma once

#include <memory>
#include <optional>

#include "kurs/board/board_change.hpp"
#include "kurs/history/archiver.hpp"
#include "kurs/history/reader.hpp"
#include "kurs/history/recorder.hpp"
#include "kurs/metrics/readings.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {

/// The stores of history. Without an archive there is no history.
struct HistoryStores {
    std::unique_ptr<history::Archive> archive;
    std::vector<std::unique_ptr<history::Source>> sources;
    bool is_written = false;  ///< written by this replica; otherwise it only reads
};

/// The history subsystem: changes that this replica serves go to the archive, questions to the sources.
/// Without stores only the failover history is kept, in memory.
class History {
public:
    /// `clock` must outlive it.
    History(net::any_io_executor loop, const Clock& clock, std::size_t most_waiting_rows,
            HistoryStores stores, history::Archiver::RecoveredSink on_recovered);

    const FailoverHistory& failovers() const { return recorder_.failovers(); }

    /// A change that is served from now on.
    void record(const BoardChange& change);

    /// `previous` recorded until now. Its failovers are known here, and while it lives, its rows count as
    /// waiting.
    void continue_from(const std::shared_ptr<const History>& previous);

    /// Whether the archive has every row.
    bool is_written() const;

    /// Empty if this replica does not write.
    std::optional<metrics::ArchiveReading> reading(TimePoint now) const;

    net::awaitable<HistoryAnswer> ask(HistoryQuestion question);

    /// Writes the remaining rows, for a few seconds at most. Awaited when nothing more is
    /// recorded. False: its thread did not end.
    net::awaitable<bool> finish();

private:
    TimePoint unwritten_since(TimePoint now) const;

    const Clock& clock_;
    HistoryStores stores_;
    history::Outbox outbox_;
    history::Recorder recorder_;
    std::optional<history::Archiver> archiver_;
    std::optional<history::Reader> reader_;
    std::weak_ptr<const History> previous_;
    bool knows_earlier_runs_ = false;           ///< the recorder has their failovers
    std::vector<ActiveChange> recovered_ = {};  ///< of earlier runs, for a recorder that continues later
    TaskGroup tasks_;
};

}  // namespace kurs
