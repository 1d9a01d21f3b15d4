#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clock.hpp"
#include "market.hpp"

namespace sim {

/// One recorded message of a combined Binance stream.
struct CapturedFrame {
    Millis offset;        ///< since the first frame of the capture
    std::string stream;   ///< "nknusdt@bookTicker"
    std::string symbol;   ///< "NKNUSDT", from the stream name
    std::string kind;     ///< "bookTicker"
    std::string payload;  ///< the `data` member, byte for byte
};

struct Capture {
    std::vector<CapturedFrame> frames;
};

/// Reads a capture: the connection's URL on the first line, then `epoch: json` lines of a combined stream.
/// Blank lines are skipped. Throws Rejected with the number of the first invalid line.
Capture parse_capture(std::string_view text);

/// The book of a bookTicker payload. Throws Rejected.
Book parse_book(std::string_view payload);

}  // namespace sim
