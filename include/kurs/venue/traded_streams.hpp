#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "kurs/venue/stream_session.hpp"

namespace kurs {

/// Creates sessions for the symbols that are traded, as a listing reports them. A session requests its
/// replacement when that set changes.
class TradedStreams final : public StreamVenue {
public:
    using MakeSession = std::function<std::unique_ptr<StreamSession>(std::vector<SymbolId> symbols)>;

    /// Every symbol is assumed to be traded until a listing says otherwise.
    TradedStreams(std::vector<SymbolId> symbols, MakeSession make_session);

    std::unique_ptr<StreamSession> make_session() override;
    void set_trading(SymbolId symbol, bool is_trading) override;

private:
    std::vector<SymbolId> symbols_;
    MakeSession make_session_;
    std::set<SymbolId> not_trading_;
    std::shared_ptr<int> edition_;  ///< incremented with every change of the traded symbols; each session
                                    ///< stores the edition it was created from
};

}  // namespace kurs
