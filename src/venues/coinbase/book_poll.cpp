#include <algorithm>

#include "kurs/venue/book_turns.hpp"
#include "venues/coinbase/rest_poll.hpp"

namespace kurs::coinbase {
namespace {

class BookPoll final : public RestPoll {
public:
    explicit BookPoll(std::shared_ptr<Shared> shared)
        : RestPoll(std::move(shared)),
          turns_(this->shared().trading,
                 [&news = this->shared().news](SymbolId symbol) { return news[symbol].confirmed_at; }) {}

    /// After a failure it is polled until an answer shows that the API works.
    TimePoint next_poll(bool is_needed) const override {
        return is_needed || is_failing() ? std::max(turns_.due_at(), next_at()) : TimePoint::max();
    }

    PollRequest make_request(TimePoint now) override {
        asked_ = turns_.take(now);
        rest_until(now + calls_every);
        return {"/products/" + map().symbol(asked_).name + "/book?level=1", {}};
    }

private:
    void read(const element& answer, TimePoint received_at, Outcome& outcome) override {
        bool is_auction = false;
        const auto book = read_book(answer);
        const auto time = read_time(answer, received_at);
        const auto sequence = read_sequence(answer);
        if (!book || !time || !sequence) return refuse(asked_, errc::malformed, "", outcome);
        if (answer.at_key("auction_mode").get(is_auction) == simdjson::SUCCESS && is_auction)
            return refuse(asked_, errc::venue_error, " in an auction", outcome);
        const auto& heartbeat = shared().news[asked_].heartbeat;
        const bool is_dated_falsely =
            *sequence < heartbeat.sequence && time->microseconds >= heartbeat.time.microseconds;
        if (is_dated_falsely) return refuse(asked_, errc::out_of_order, "", outcome);
        // A cached book that is older than those of the streams is no error, and bridges nothing.
        auto& tops = shared().tops;
        if (!tops.is_newest(asked_, time->microseconds)) return;
        const auto top = top_of(book->bids.levels, book->asks.levels);
        if (!top) {
            tops.withdraw(asked_, time->microseconds);
            return refuse(asked_, top.error(), "", outcome);
        }
        const auto tick = tops.observe(asked_, *top, time->microseconds, std::min(time->at, received_at));
        if (tick) outcome.ticks.push_back(*tick);
    }

    void on_unknown(TimePoint now, Outcome& outcome) override {
        turns_.rest_until(asked_, now + unknown_rest);
        refuse(asked_, errc::venue_error, " unknown to the venue", outcome);
    }

    BookTurns turns_;
    SymbolId asked_{};
};

}  // namespace

std::unique_ptr<PollSession> make_book_poll(std::shared_ptr<Shared> shared) {
    return std::make_unique<BookPoll>(std::move(shared));
}

}  // namespace kurs::coinbase
