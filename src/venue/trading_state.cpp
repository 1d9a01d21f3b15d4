#include "kurs/venue/trading_state.hpp"

#include <algorithm>

namespace kurs {
namespace {

std::string_view find_status(const std::map<SymbolId, std::string>& pairs, SymbolId symbol) {
    const auto found = pairs.find(symbol);
    return found == pairs.end() ? std::string_view{} : found->second;
}

}  // namespace

TradingState::TradingState(const MarketMap& map, std::vector<SymbolId> symbols, IsMatching is_matching)
    : map_(map), symbols_(std::move(symbols)), is_matching_(std::move(is_matching)) {}

std::vector<SymbolId> TradingState::subscribable() const {
    auto trading = symbols_;
    std::erase_if(trading, [this](SymbolId symbol) {
        const auto status = status_of(symbol);
        return !status.empty() && !is_matching_(status);
    });
    return trading.empty() ? symbols_ : trading;
}

std::string_view TradingState::system() const {
    const auto status = stated_system();
    return status.empty() ? "online" : status;
}

std::string_view TradingState::stated_system() const {
    std::string_view status = ended_.system;
    for (const auto& [source, statements] : sources_) status = prevailing(status, statements.system);
    return status;
}

Listing TradingState::listing(SymbolId symbol) const {
    const auto system = stated_system(), status = status_of(symbol);
    if (!system.empty() && !is_matching_(system)) return {symbol, false, "system " + std::string(system)};
    return {symbol, status.empty() || is_matching_(status), std::string(status)};
}

std::string_view TradingState::status_of(SymbolId symbol) const {
    auto status = find_status(ended_.pairs, symbol);
    for (const auto& [source, statements] : sources_)
        status = prevailing(status, find_status(statements.pairs, symbol));
    return status;
}

/// An objection prevails, then the first statement. Empty stands for no statement.
std::string_view TradingState::prevailing(std::string_view first, std::string_view second) const {
    if (first.empty()) return second;
    return is_matching_(first) && !second.empty() && !is_matching_(second) ? second : first;
}

void TradingState::change(const std::function<void()>& statement) {
    const auto before = subscribable();
    statement();
    if (subscribable() != before) ++edition_;
}

TradingSource::TradingSource(std::shared_ptr<TradingState> state) : state_(std::move(state)) {
    state_->sources_[this];
}

TradingSource::~TradingSource() {
    state_->change([this] {
        const auto own = state_->sources_.extract(this);
        for (const auto& [symbol, status] : own.mapped().pairs) {
            if (!state_->is_matching_(status)) state_->ended_.pairs[symbol] = status;
        }
        const auto& system = own.mapped().system;
        if (!system.empty() && !state_->is_matching_(system)) state_->ended_.system = system;
    });
}

Listing TradingSource::set_pair(SymbolId symbol, std::string_view status) {
    state_->change([&] {
        state_->ended_.pairs.erase(symbol);
        state_->sources_[this].pairs[symbol] = status;
    });
    return state_->listing(symbol);
}

std::vector<Listing> TradingSource::set_system(std::string_view status) {
    state_->ended_.system.clear();
    state_->sources_[this].system = status;
    std::vector<Listing> listings;
    for (const SymbolId symbol : state_->symbols()) listings.push_back(state_->listing(symbol));
    return listings;
}

bool TradingSource::is_contradicted() const {
    const auto contradict = [this](std::string_view own, std::string_view other) {
        return !own.empty() && !state_->is_matching_(own) && state_->is_matching_(other);
    };
    const auto& own = state_->sources_.at(this);
    return std::ranges::any_of(state_->sources_, [&](const auto& each) {
        const auto& other = each.second;
        return contradict(own.system, other.system) || std::ranges::any_of(own.pairs, [&](const auto& pair) {
                   return contradict(pair.second, find_status(other.pairs, pair.first));
               });
    });
}

std::string unexpected_pair(const MarketMap& map, SymbolId id, std::string_view base,
                            std::string_view quote) {
    const auto& symbol = map.symbol(id);
    const bool is_expected = map.canonical(base) == map.canonical(symbol.base) &&
                             map.canonical(quote) == map.canonical(symbol.quote);
    if (is_expected) return {};
    return "a price of " + std::string(base) + " in " + std::string(quote) + ", not of " + symbol.base +
           " in " + symbol.quote;
}

}  // namespace kurs
