#pragma once

#include "kurs/venue/stream_session.hpp"
#include "kurs/venue/trading_state.hpp"

namespace kurs {

/// A session for the symbols that may be subscribed to when it begins. It holds each price back until a
/// source has named the state of its symbol, and ends when the set of these symbols changes.
class TradedSession : public StreamSession {
public:
    StreamRequest request() const override { return {"", {}}; }
    const std::vector<SymbolId>& symbols() const final { return symbols_; }

protected:
    explicit TradedSession(std::shared_ptr<TradingState> trading);

    TradingState& trading() const { return *trading_; }
    const MarketMap& map() const { return trading_->map(); }

    void hold(const std::string& name, const Tick& tick) { held_.insert_or_assign(name, tick); }

    /// Refuses what a frame says about a symbol. A price that is held back is not confirmed any more.
    void drop(const std::string& name, errc reason, Outcome& outcome);
    void drop_all() { held_.clear(); }

    /// Ends every outcome: hands over the prices that need not be held back, and asks for another session if
    /// this one is out of date.
    void conclude(Outcome& outcome);

    static void refuse(Outcome& outcome, errc reason, std::string_view what);

private:
    std::shared_ptr<TradingState> trading_;
    std::vector<SymbolId> symbols_;
    int edition_;
    std::map<std::string, Tick> held_;  ///< the newest of each symbol
};

}  // namespace kurs
