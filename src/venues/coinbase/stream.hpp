#pragma once

#include "kurs/venue/stream_session.hpp"
#include "venues/coinbase/shared.hpp"

namespace kurs::coinbase {

/// The snapshot of a liquid product takes 1.1 MB, and grows.
constexpr std::size_t message_max = 16u << 20;

/// The venue allows 100 messages a second.
constexpr std::size_t sends_per_second = 20;

/// The public feed of Coinbase Exchange: `level2_batch` and `heartbeat` of every product. Source:
/// docs.cdp.coinbase.com/exchange, and frames seen by its clients.
std::unique_ptr<StreamSession> make_stream_session(std::shared_ptr<Shared> shared);

}  // namespace kurs::coinbase
