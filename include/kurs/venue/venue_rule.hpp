#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs {

/// The parts of a pair that the spelling of a symbol reveals.
struct SpeltPair {
    std::string coin;   ///< symbols of a venue with the same coin have the same base; or empty
    std::string base;   ///< an asset code, or empty if the spelling does not reveal it
    std::string quote;  ///< likewise
};

/// How a venue spells its symbols, and how old its values may be. A market map needs it for each venue.
struct VenueRule {
    std::string name;
    Duration max_age{};                    ///< age limit of symbols without a limit of their own
    std::optional<Duration> fiat_max_age;  ///< age limit of its values in a reference rate, if different
    std::function<bool(std::string_view)> is_symbol;        ///< whether a text has the form of its symbols
    std::string spelling;                                   ///< an example of a symbol, for messages
    std::function<SpeltPair(std::string_view)> spelt_pair;  ///< not set if the spelling reveals nothing
    bool is_spelt_from_codes = false;  ///< BTCUSDT: base and quote concatenated, unless "pair" overrides it
};

}  // namespace kurs
