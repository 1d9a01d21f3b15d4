#include <algorithm>

#include "venues/coinbase/rest_poll.hpp"

namespace kurs::coinbase {
namespace {

constexpr Duration asked_every = std::chrono::seconds(1);  ///< a product

class BookPoll final : public RestPoll {
public:
    explicit BookPoll(std::shared_ptr<Shared> shared) : RestPoll(std::move(shared)) {}

    /// After a failure it is polled until an answer shows that the API works.
    TimePoint next_poll(bool is_needed) const override {
        const auto next = is_needed || is_failing() ? next_symbol() : std::nullopt;
        return next ? std::max({due_at(*next), rests_until(), next_at_}) : TimePoint::max();
    }

    PollRequest make_request(TimePoint now) override {
        asked_ = next_symbol().value_or(shared().trading->symbols().front());
        not_before_[asked_] = now + asked_every;
        next_at_ = now + calls_every;
        return {"/products/" + map().symbol(asked_).name + "/book?level=1", {}};
    }

private:
    /// The product that is due first. None before the listing has named the state of one: an answer has the
    /// last book of a halted product, too.
    std::optional<SymbolId> next_symbol() const {
        auto symbols = shared().trading->subscribable();
        std::erase_if(symbols, [this](SymbolId symbol) { return !shared().trading->is_named(symbol); });
        if (symbols.empty()) return std::nullopt;
        return *std::ranges::min_element(symbols, {}, [this](SymbolId symbol) { return due_at(symbol); });
    }

    TimePoint due_at(SymbolId symbol) const {
        const auto known = shared().news.find(symbol);
        const auto confirmed_at = known == shared().news.end() ? TimePoint{} : known->second.confirmed_at;
        const auto asked = not_before_.find(symbol);
        return std::max(confirmed_at + map().symbol(symbol).limits.max_age * 2 / 5,
                        asked == not_before_.end() ? TimePoint{} : asked->second);
    }

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
        not_before_[asked_] = now + unknown_rest;
        refuse(asked_, errc::venue_error, " unknown to the venue", outcome);
    }

    std::map<SymbolId, TimePoint> not_before_;
    SymbolId asked_{};
    TimePoint next_at_{};
};

}  // namespace

std::unique_ptr<PollSession> make_book_poll(std::shared_ptr<Shared> shared) {
    return std::make_unique<BookPoll>(std::move(shared));
}

}  // namespace kurs::coinbase
