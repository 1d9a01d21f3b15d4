#pragma once

#include <deque>
#include <map>
#include <utility>

#include "kurs/store/row_queue.hpp"

namespace kurs {

/// Quotes and changes of the active venue that wait to be written. Conflates quotes to the last of each
/// second, venue and direction; what was added last of a venue and direction is not taken again. Bounded:
/// when it is full the oldest that are not being written are let go and counted.
class Outbox {
public:
    /// At most `most_rows` quotes, two or more, and as many changes wait, besides those of the second that is
    /// not over.
    explicit Outbox(std::size_t most_rows) : most_rows_(most_rows) {}

    void add(const Quote& quote, TimePoint now);

    /// From now on the venue cannot make the direction.
    void add_loss(VenueId venue, DirectionId direction, TimePoint now);

    void add(const ActiveChange& change);

    /// Whether a quote of the series was added or noted last.
    bool has_quote(VenueId venue, DirectionId direction) const;

    // What is recorded elsewhere, and is not to be taken here.
    void note_known(const Quote& quote);
    void note_known(const ActiveChange& change) { last_change_ = change; }

    /// Lets the quotes of seconds before that of `now` be written. TimePoint::max(): all of them.
    void close_seconds(TimePoint now);

    /// The oldest rows, at most `most` quotes and at most half the bound. The same batch until it is
    /// `written`.
    const Batch& next(std::size_t most);
    void written() { batch_ = {}; }

    /// How many quotes may be written, and how many rows were let go so far.
    std::size_t waiting() const { return quotes_.size() + batch_.quotes.size(); }
    std::size_t lost() const { return lost_; }

    /// All that was added before this moment has been written or let go.
    TimePoint unwritten_since(TimePoint now) const;

private:
    struct Series {
        QuoteRecord last;
        bool is_open = false;  ///< its second is not over, and it is not in the queue yet
    };

    void add(QuoteRecord record);
    void enqueue(const QuoteRecord& record);

    std::size_t most_rows_;
    std::map<std::pair<VenueId, DirectionId>, Series> series_;
    std::optional<ActiveChange> last_change_;
    RowQueue quotes_;
    std::deque<ActiveChange> changes_;
    Batch batch_;  ///< what is being written; in neither queue
    std::size_t lost_ = 0;
};

}  // namespace kurs
