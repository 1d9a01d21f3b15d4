#pragma once

#include <optional>

#include "kurs/venue/trading_state.hpp"

namespace kurs {

/// How long a symbol that the venue does not know is left alone.
constexpr Duration unknown_rest = std::chrono::minutes(10);

/// The order in which a poll asks for the books of single symbols. A symbol is due when no stream has
/// confirmed its price for 40 % of its age limit, and at most once a second.
class BookTurns {
public:
    /// When a stream has last confirmed the price.
    using ConfirmedAt = std::function<TimePoint(SymbolId)>;

    BookTurns(std::shared_ptr<const TradingState> trading, ConfirmedAt confirmed_at)
        : trading_(std::move(trading)), confirmed_at_(std::move(confirmed_at)) {}

    /// When the next symbol is due. Never before a source has named the state of one: an answer has the last
    /// book of a halted symbol, too.
    TimePoint due_at() const;

    /// The symbol that is due first. It is asked for at `now`.
    SymbolId take(TimePoint now);

    void rest_until(SymbolId symbol, TimePoint at) { not_before_[symbol] = at; }

private:
    std::optional<SymbolId> next() const;
    TimePoint due_at(SymbolId symbol) const;

    std::shared_ptr<const TradingState> trading_;
    ConfirmedAt confirmed_at_;
    std::map<SymbolId, TimePoint> not_before_;
};

}  // namespace kurs
