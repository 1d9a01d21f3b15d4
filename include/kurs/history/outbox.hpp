#pragma once

#include <deque>
#include <map>

#include "kurs/history/row_queue.hpp"

namespace kurs::history {

/// Quotes and changes of the active venue that wait to be written. Keeps the last quote of each second, venue
/// and direction, and skips a quote that equals the last one added. Bounded: when it is full, the oldest rows
/// that are not being written are dropped and counted.
class Outbox {
public:
    /// At most `most_rows` quotes (two or more) and as many changes wait, not counting those of the current
    /// second.
    explicit Outbox(std::size_t most_rows) : most_rows_(most_rows) {}

    void add(const Quote& quote, TimePoint now) { add({now, quote.venue, quote.direction, quote}); }

    /// The venue cannot make the direction from now on. Skipped if no quote of the series has been added or
    /// noted.
    void add_loss(const Series& series, TimePoint now) { add({now, series.venue, series.direction, {}}); }

    void add(const ActiveChange& change);

    // Rows that others have recorded; they are not written again.
    void note_known(const Quote& quote);
    void note_known(const ActiveChange& change) { last_change_ = change; }

    /// Releases the quotes of seconds before that of `now`. TimePoint::max() releases all.
    void close_seconds(TimePoint now);

    /// The oldest rows: at most `most` quotes and at most half the limit. Returns the same batch until
    /// `written` is called.
    const Batch& next(std::size_t most);
    void written() { batch_ = {}; }

    /// The number of quotes ready to be written, and the number of rows dropped so far.
    std::size_t waiting() const { return quotes_.size() + batch_.quotes.size(); }
    std::size_t lost() const { return lost_; }

    /// Everything added before this time has been written or dropped.
    TimePoint unwritten_since(TimePoint now) const;

private:
    struct Newest {
        QuoteRecord last;
        bool is_open = false;  ///< its second is not over, and it is not in the queue yet
    };

    void add(const QuoteRecord& record);
    void enqueue(const QuoteRecord& record);

    std::size_t most_rows_;
    std::map<Series, Newest> series_;
    std::chrono::sys_seconds newest_second_{};  ///< of all series
    std::optional<ActiveChange> last_change_;
    RowQueue quotes_;
    std::deque<ActiveChange> changes_;
    Batch batch_;  ///< the batch being written; in neither queue
    std::size_t lost_ = 0;
};

}  // namespace kurs::history
