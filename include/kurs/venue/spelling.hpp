#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace kurs {

/// The parts of a pair that the spelling of a symbol reveals.
struct SpeltPair {
    std::string coin;   ///< symbols of a venue with the same coin have the same base; or empty
    std::string base;   ///< an asset code, or empty if the spelling does not reveal it
    std::string quote;  ///< likewise
};

/// How a venue spells its symbols, and what they are prices of.
struct Spelling {
    std::string example;                                    ///< a symbol, for messages: "BTCUSDT"
    std::function<bool(std::string_view)> is_symbol;        ///< whether a text has the form of its symbols
    std::function<SpeltPair(std::string_view)> spelt_pair;  ///< not set if the spelling reveals nothing
    bool is_from_codes = false;  ///< BTCUSDT: base and quote concatenated, unless "pair" overrides it
};

/// The spelling of "BTC/USD": two asset codes, of capitals and digits, with a separator between them.
Spelling two_codes(char separator, std::string example);

/// The spelling of "BTCUSDT": two asset codes without a separator.
Spelling joined_codes(std::string example);

}  // namespace kurs
