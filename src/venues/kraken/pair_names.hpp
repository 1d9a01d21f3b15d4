#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kurs::kraken {

/// The REST API asks for a pair under one name, answers under another, and lists it under a third. The
/// streams' spelling, BTC/USD, is the name of the symbol.

/// The name to ask for: "XBTUSD".
std::string rest_name(std::string_view symbol);

/// The names under which the answer may be: "XBTUSD", "XXBTZUSD", ... Currencies from before 2017 have an X
/// or, if they are not coins, a Z in front.
std::vector<std::string> answer_names(std::string_view symbol);

}  // namespace kurs::kraken
