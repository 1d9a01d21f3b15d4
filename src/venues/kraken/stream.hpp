#pragma once

#include <memory>

#include "kurs/venue/stream_session.hpp"
#include "venues/kraken/trading_state.hpp"

namespace kurs::kraken {

/// Kraken's WebSocket API, version 2: the `book` channel of every symbol, the status of pairs (`instrument`)
/// and of the venue (`status`). Source: docs.kraken.com/api, and frames seen by its clients.
std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<TradingState> state);

}  // namespace kurs::kraken
