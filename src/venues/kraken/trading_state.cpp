#include "venues/kraken/trading_state.hpp"

#include <algorithm>

namespace kurs::kraken {
namespace {

/// Orders are matched. In `post_only` and `cancel_only` they are not, so a book there is no price.
bool is_matching(std::string_view status) {
    return status == "online" || status == "limit_only";
}

/// An objection prevails, then the first statement. Empty stands for no statement.
std::string_view prevailing(std::string_view first, std::string_view second) {
    if (first.empty()) return second;
    return is_matching(first) && !second.empty() && !is_matching(second) ? second : first;
}

std::string_view find_status(const std::map<SymbolId, std::string>& pairs, SymbolId symbol) {
    const auto found = pairs.find(symbol);
    return found == pairs.end() ? std::string_view{} : found->second;
}

}  // namespace

TradingState::TradingState(const MarketMap& map, std::vector<SymbolId> symbols)
    : map_(map), symbols_(std::move(symbols)) {}

std::vector<SymbolId> TradingState::subscribable() const {
    auto trading = symbols_;
    std::erase_if(trading, [this](SymbolId symbol) {
        const auto status = status_of(symbol);
        return !status.empty() && !is_matching(status);
    });
    return trading.empty() ? symbols_ : trading;
}

std::string_view TradingState::system() const {
    std::string_view status = ended_.system;
    for (const auto& [source, statements] : sources_) status = prevailing(status, statements.system);
    return status.empty() ? "online" : status;
}

Listing TradingState::listing(SymbolId symbol) const {
    if (!is_matching(system())) return {symbol, false, "system " + std::string(system())};
    const auto status = status_of(symbol);
    return {symbol, status.empty() || is_matching(status), std::string(status)};
}

std::string_view TradingState::status_of(SymbolId symbol) const {
    auto status = find_status(ended_.pairs, symbol);
    for (const auto& [source, statements] : sources_)
        status = prevailing(status, find_status(statements.pairs, symbol));
    return status;
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
            if (!is_matching(status)) state_->ended_.pairs[symbol] = status;
        }
        const auto& system = own.mapped().system;
        if (!system.empty() && !is_matching(system)) state_->ended_.system = system;
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
    const auto contradict = [](std::string_view own, std::string_view other) {
        return !own.empty() && !is_matching(own) && is_matching(other);
    };
    const auto& own = state_->sources_.at(this);
    return std::ranges::any_of(state_->sources_, [&](const auto& each) {
        const auto& other = each.second;
        return contradict(own.system, other.system) || std::ranges::any_of(own.pairs, [&](const auto& pair) {
                   return contradict(pair.second, find_status(other.pairs, pair.first));
               });
    });
}

}  // namespace kurs::kraken
