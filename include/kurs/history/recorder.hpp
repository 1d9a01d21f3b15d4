#pragma once

#include "kurs/domain/failover_history.hpp"
#include "kurs/history/outbox.hpp"

namespace kurs::history {

/// Folds the changes that this replica serves into rows for the outbox and into the failover history. Every
/// replica records the same rows, and writing a row again changes nothing, so replicas need not know what
/// others have written.
class Recorder {
public:
    /// Null: this replica writes no rows. `outbox` must outlive the recorder.
    explicit Recorder(Outbox* outbox) : outbox_(outbox) {}

    /// A change of the board. A disputed quote is recorded as a loss. Lost series that were never recorded
    /// are left out.
    void record(const std::vector<Quote>& quotes, const std::vector<Series>& lost,
                const std::optional<ActiveChange>& active, TimePoint served_at);

    /// A snapshot of the board: other replicas have recorded its quotes.
    void note_known(const std::vector<Quote>& quotes, const std::optional<ActiveChange>& active);

    /// State recovered from an earlier run.
    void restore(const std::vector<ActiveChange>& changes) { failovers_.restore(changes); }

    /// Knows the failovers of `previous`, which recorded until now, in place of its own.
    void continue_from(const Recorder& previous) { failovers_ = previous.failovers_; }

    const FailoverHistory& failovers() const { return failovers_; }

private:
    Outbox* outbox_;
    FailoverHistory failovers_;
};

}  // namespace kurs::history
