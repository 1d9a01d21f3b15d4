#include "kurs/venue/traded_session.hpp"

namespace kurs {

TradedSession::TradedSession(std::shared_ptr<TradingState> trading)
    : trading_(std::move(trading)), symbols_(trading_->subscribable()), edition_(trading_->edition()) {}

void TradedSession::drop(const std::string& name, errc reason, Outcome& outcome) {
    held_.erase(name);
    refuse(outcome, reason, name);
}

void TradedSession::conclude(Outcome& outcome) {
    std::erase_if(held_, [&](const auto& each) {
        const bool is_named = trading_->is_named(each.second.symbol);
        if (is_named) outcome.ticks.push_back(each.second);
        return is_named;
    });
    if (trading_->edition() != edition_ && !outcome.farewell)
        outcome.farewell = Farewell{"the set of traded symbols changed", false, true};
}

void TradedSession::refuse(Outcome& outcome, errc reason, std::string_view what) {
    outcome.refusals.push_back({reason, std::string(what.substr(0, 80))});
}

}  // namespace kurs
