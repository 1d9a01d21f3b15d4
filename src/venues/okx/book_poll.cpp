#include <algorithm>

#include "venues/okx/rest_poll.hpp"

namespace kurs::okx {
namespace {

constexpr Duration asked_every = std::chrono::seconds(1);
constexpr Duration unknown_rest = std::chrono::minutes(10);

/// The venue's cache of an answer.
constexpr Duration cache_age{50};

class BookPoll final : public RestPoll {
public:
    explicit BookPoll(std::shared_ptr<Shared> shared) : RestPoll(std::move(shared)) {}

    /// Needed or not, a silent symbol is asked for: only an answer tells a quiet book from a dead one.
    TimePoint next_poll(bool /*is_needed*/) const override {
        const auto next = next_symbol();
        return next ? std::max(due_at(*next), rests_until()) : TimePoint::max();
    }

    PollRequest make_request(TimePoint now) override {
        asked_ = next_symbol().value_or(shared().trading->symbols().front());
        asked_at_ = now;
        not_before_[asked_] = now + asked_every;
        return {"/api/v5/market/books?instId=" + map().symbol(asked_).name + "&sz=1", {}};
    }

private:
    /// The symbol that is due first. None before a source has named the state of one: an answer has the last
    /// book of a halted symbol, too.
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
        not_before_[asked_] = now + unknown_rest;
        refuse(asked_, errc::venue_error, " unknown to the venue", outcome);
    }

    std::map<SymbolId, TimePoint> not_before_;
    SymbolId asked_{};
    TimePoint asked_at_{};
};

}  // namespace

std::unique_ptr<PollSession> make_book_poll(std::shared_ptr<Shared> shared) {
    return std::make_unique<BookPoll>(std::move(shared));
}

}  // namespace kurs::okx
