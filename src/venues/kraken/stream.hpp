#pragma once

#include <memory>

#include "kurs/venue/stream_session.hpp"
#include "venues/kraken/trading_state.hpp"

namespace kurs::kraken {

/// Kraken's WebSocket API, version 2: the `book` channel of every symbol, the status of pairs (`instrument`)
/// and of the venue (`status`). Source: docs.kraken.com/api, and frames seen by its clients.
std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<TradingState> state);

/// Creates the sessions of a feed, for the symbols that are traded. A session ends when that set changes.
class Streams final : public StreamVenue {
public:
    explicit Streams(std::shared_ptr<TradingState> state) : state_(std::move(state)) {}

    std::unique_ptr<StreamSession> make_session() override { return make_stream_session(state_); }

private:
    std::shared_ptr<TradingState> state_;
};

}  // namespace kurs::kraken
