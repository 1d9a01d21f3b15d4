#include "kurs/venue/book_turns.hpp"

#include <algorithm>

namespace kurs {

TimePoint BookTurns::due_at() const {
    const auto symbol = next();
    return symbol ? due_at(*symbol) : TimePoint::max();
}

SymbolId BookTurns::take(TimePoint now) {
    const auto symbol = next().value_or(trading_->symbols().front());
    not_before_[symbol] = now + std::chrono::seconds(1);
    return symbol;
}

std::optional<SymbolId> BookTurns::next() const {
    auto symbols = trading_->subscribable();
    std::erase_if(symbols, [this](SymbolId symbol) { return !trading_->is_named(symbol); });
    if (symbols.empty()) return std::nullopt;
    return *std::ranges::min_element(symbols, {}, [this](SymbolId symbol) { return due_at(symbol); });
}

TimePoint BookTurns::due_at(SymbolId symbol) const {
    const auto found = not_before_.find(symbol);
    return std::max(confirmed_at_(symbol) + trading_->map().symbol(symbol).limits.max_age * 2 / 5,
                    found == not_before_.end() ? TimePoint{} : found->second);
}

}  // namespace kurs
