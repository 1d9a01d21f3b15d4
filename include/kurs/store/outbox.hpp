#pragma once

#include <deque>
#include <map>
#include <utility>

#include "kurs/store/batch_source.hpp"

namespace kurs {

/// Quotes and changes of the active venue that wait to be written. Conflates quotes to the last of each
/// second, venue and direction; what was added last of a venue and direction is not taken again. Bounded:
/// when it is full the oldest that are not being written are let go and counted.
class Outbox final : public BatchSource {
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

    /// Rows that have been conflated already.
    void add(const Batch& rows);

    // What is recorded elsewhere, and is not to be taken here.
    void note_known(const Quote& quote);
    void note_known(const ActiveChange& change) { last_change_ = change; }

    /// Lets go, without counting, what was recorded before `time` and is not being written.
    void forget_before(TimePoint time);

    /// At most half the bound at once.
    const Batch& next(std::size_t most) override;

    void close_seconds(TimePoint now) override;
    void written() override { batch_ = {}; }
    std::size_t waiting() const override { return quotes_.size() + batch_.quotes.size(); }
    std::size_t lost() const override { return lost_; }

    /// All that was added before this moment has been written or let go.
    TimePoint unwritten_since(TimePoint now) const;

private:
    struct Series {
        QuoteRecord last;
        bool is_open = false;  ///< its second is not over, and it is not in the queue yet
    };

    void add(QuoteRecord record);
    void enqueue(QuoteRecord record);

    std::size_t most_rows_;
    std::map<std::pair<VenueId, DirectionId>, Series> series_;
    std::optional<ActiveChange> last_change_;
    std::deque<QuoteRecord> quotes_;
    std::deque<ActiveChange> changes_;
    Batch batch_;  ///< what is being written; in neither queue
    std::size_t lost_ = 0;
};

/// When the first of the batch's rows was recorded; `otherwise` if it is empty.
TimePoint first_recorded_at(const Batch& batch, TimePoint otherwise);

}  // namespace kurs
