#include "kurs/venue/traded_streams.hpp"

#include <algorithm>

namespace kurs {
namespace {

/// A session that requests its replacement when the set of traded symbols has changed.
class DatedSession final : public StreamSession {
public:
    DatedSession(std::unique_ptr<StreamSession> session, std::shared_ptr<int> edition)
        : session_(std::move(session)), edition_(std::move(edition)), made_of_(*edition_) {}

    StreamRequest request() const override { return session_->request(); }
    const std::vector<SymbolId>& symbols() const override { return session_->symbols(); }
    std::vector<std::string> on_open() override { return session_->on_open(); }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        auto outcome = session_->on_frame(frame, received_at);
        if (made_of_ != *edition_ && !outcome.farewell)
            outcome.farewell = Farewell{"the set of traded symbols changed", false, true};
        return outcome;
    }

private:
    std::unique_ptr<StreamSession> session_;
    std::shared_ptr<int> edition_;
    int made_of_;
};

}  // namespace

TradedStreams::TradedStreams(std::vector<SymbolId> symbols, MakeSession make_session)
    : symbols_(std::move(symbols)),
      make_session_(std::move(make_session)),
      edition_(std::make_shared<int>(0)) {}

void TradedStreams::set_trading(SymbolId symbol, bool is_trading) {
    const bool is_news = is_trading ? not_trading_.erase(symbol) > 0 : not_trading_.insert(symbol).second;
    if (is_news) ++*edition_;
}

std::unique_ptr<StreamSession> TradedStreams::make_session() {
    auto trading = symbols_;
    std::erase_if(trading, [this](SymbolId symbol) { return not_trading_.contains(symbol); });
    // If no symbol is traded, subscribes to all, so that the feed keeps a connection. Their values are
    // ignored.
    auto session = make_session_(trading.empty() ? symbols_ : trading);
    return std::make_unique<DatedSession>(std::move(session), edition_);
}

}  // namespace kurs
