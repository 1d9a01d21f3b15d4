#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "clock.hpp"
#include "stream_session.hpp"

namespace sim {

/// What a corruption may need to know of the connection.
struct CorruptionContext {
    Instant now;
    std::int64_t last_update_id = 0;             ///< of this symbol; 0 where none was sent
    std::map<std::string, std::string>* frozen;  ///< stream name to the payload that is repeated
    std::string name;                            ///< of the stream
};

/// Corrupts a payload, for the kinds that act on its members. Nothing: this kind leaves such a payload alone.
/// The keys are those of Binance, or of CoinGecko where the payload has a "c":"C1".
std::optional<std::string> corrupt_payload(std::string_view corruption, const std::string& payload,
                                           const CorruptionContext& context);

/// Corrupts a whole frame, for the kinds that act on its text. Nothing: not such a kind.
std::optional<Frame> corrupt_frame(std::string_view corruption, const std::string& text);

}  // namespace sim
