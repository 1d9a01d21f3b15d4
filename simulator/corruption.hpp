#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "clock.hpp"
#include "stream_session.hpp"

namespace sim {

/// The state of a connection that a corruption may need.
struct CorruptionContext {
    Instant now;
    std::int64_t last_update_id = 0;             ///< of this symbol; 0 if none was sent
    std::map<std::string, std::string>* frozen;  ///< the repeated payload by stream name
    std::string name;                            ///< of the stream
};

/// Corrupts a payload, for the kinds that act on its members. None if this kind does not change such a
/// payload. The keys are Binance's, or CoinGecko's if the payload has a "c":"C1".
std::optional<std::string> corrupt_payload(std::string_view corruption, const std::string& payload,
                                           const CorruptionContext& context);

/// Corrupts a whole frame, for the kinds that act on its text. None for other kinds.
std::optional<Frame> corrupt_frame(std::string_view corruption, const std::string& text);

}  // namespace sim
