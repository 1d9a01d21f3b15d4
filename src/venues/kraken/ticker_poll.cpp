#include <algorithm>

#include "venues/kraken/rest.hpp"

namespace kurs::kraken {
namespace {

using simdjson::dom::element;

constexpr Duration ticker_every = std::chrono::seconds(2);

/// The rounds after which a pair that was unknown is asked for again: about ten minutes.
constexpr int rounds_without_unknown = 300;

/// The price in ["52523.1","1","1.000"].
result<Rate> side(const element& entry, std::string_view key) {
    std::string_view price;
    if (entry.at_key(key).at(0).get(price) != simdjson::SUCCESS) return errc::malformed;
    return Rate::parse(price);
}

class TickerPoll final : public RestPoll {
public:
    explicit TickerPoll(std::shared_ptr<TradingState> state)
        : RestPoll(state->map(), ticker_every), state_(std::move(state)) {}

    TimePoint next_poll(bool is_needed) const override {
        const auto is_named = [this](SymbolId symbol) { return state_->is_named(symbol); };
        if (std::ranges::none_of(state_->symbols(), is_named)) return TimePoint::max();
        return is_needed || is_failing() ? next_at() : TimePoint::max();
    }

private:
    std::deque<Symbols> questions() override {
        if (++round_ % rounds_without_unknown == 0) unknown_.clear();
        auto symbols = state_->subscribable();
        std::erase_if(symbols, [this](SymbolId symbol) { return unknown_.contains(symbol); });
        if (symbols.empty()) symbols = state_->symbols();
        return {symbols};
    }

    std::string target(const Symbols& question) const override {
        return "/0/public/Ticker?pair=" + pair_list(question);
    }

    void read(const element& answer, const Symbols& question, TimePoint asked_at, Outcome& outcome) override {
        for (const SymbolId symbol : question) {
            if (!state_->is_named(symbol)) continue;
            element entry;
            if (find(answer, symbol).get(entry) != simdjson::SUCCESS || !entry.is_object()) {
                refuse(symbol, errc::malformed, " missing", outcome);
                continue;
            }
            const auto tick = read_tick(symbol, entry, asked_at);
            if (tick) {
                outcome.ticks.push_back(*tick);
            } else {
                refuse(symbol, tick.error(), "", outcome);
            }
        }
    }

    /// The answer has no time. It is true at some moment after the request was sent.
    static result<Tick> read_tick(SymbolId symbol, const element& entry, TimePoint asked_at) {
        const auto bid = side(entry, "b"), ask = side(entry, "a");
        if (!bid) return bid.error();
        if (!ask) return ask.error();
        if (*bid > *ask) return errc::crossed;
        return Tick{symbol, *bid, *ask, asked_at, 0};
    }

    void on_unknown_pair(SymbolId symbol, Outcome& outcome) override {
        unknown_.insert(symbol);
        refuse(symbol, errc::venue_error, " unknown to the venue", outcome);
    }

    std::shared_ptr<TradingState> state_;
    std::set<SymbolId> unknown_;
    int round_ = 0;
};

}  // namespace

std::unique_ptr<PollSession> make_ticker_poll(std::shared_ptr<TradingState> state) {
    return std::make_unique<TickerPoll>(std::move(state));
}

}  // namespace kurs::kraken
