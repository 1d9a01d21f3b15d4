#include "kurs/venue/book_turns.hpp"
#include "venues/okx/rest_poll.hpp"

namespace kurs::okx {
namespace {

/// The venue's cache of an answer.
constexpr Duration cache_age{50};

class BookPoll final : public RestPoll {
public:
    explicit BookPoll(std::shared_ptr<Shared> shared)
        : RestPoll(std::move(shared)),
          turns_(this->shared().trading,
                 [&news = this->shared().news](SymbolId symbol) { return news[symbol].confirmed_at; }) {}

    /// Needed or not, a silent symbol is asked for: only an answer tells a quiet book from a dead one.
    TimePoint next_poll(bool /*is_needed*/) const override { return std::max(turns_.due_at(), next_at()); }

    PollRequest make_request(TimePoint now) override {
        asked_ = turns_.take(now);
        asked_at_ = now;
        return {"/api/v5/market/books?instId=" + map().symbol(asked_).name + "&sz=1", {}};
    }

private:
    void read(simdjson::dom::array data, TimePoint received_at, Outcome& outcome) override {
        const auto tick = read_tick(data, received_at);
        if (tick) {
            outcome.ticks.push_back(*tick);
        } else {
            refuse(asked_, tick.error(), "", outcome);
        }
    }

    /// Without a number: whether REST counts as the streams do is not documented, and a higher number would
    /// shut them out.
    result<Tick> read_tick(simdjson::dom::array data, TimePoint received_at) {
        const auto entry = read_book_entry(data.at(0).value(), received_at);
        if (!entry) return entry.error();
        auto& known = shared().news[asked_];
        const auto sequence = entry->sequence + known.renumbered;
        const TimePoint at = asked_at_ - cache_age;
        // The time of an answer's book may be that of its last change.
        const bool is_restarted = known.is_far_below(entry->sequence) && at >= known.newest_at + restart_gap;
        if (sequence < known.least && !is_restarted) return errc::out_of_order;
        const auto top = top_of(entry->bids, entry->asks);
        if (!top) return top.error();
        known.answer = Answer{*top, sequence, at, is_restarted};
        // It confirms an equal price, but is none itself.
        if (is_restarted) return errc::out_of_order;
        return Tick{asked_, top->bid, top->ask, at, 0};
    }

    void on_unknown(TimePoint now, Outcome& outcome) override {
        turns_.rest_until(asked_, now + unknown_rest);
        refuse(asked_, errc::venue_error, " unknown to the venue", outcome);
    }

    BookTurns turns_;
    SymbolId asked_{};
    TimePoint asked_at_{};
};

}  // namespace

std::unique_ptr<PollSession> make_book_poll(std::shared_ptr<Shared> shared) {
    return std::make_unique<BookPoll>(std::move(shared));
}

}  // namespace kurs::okx
