#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>

#include "kurs/venues/coingecko.hpp"

namespace kurs::coingecko {
namespace {

bool is_id(std::string_view text) {
    const auto is_id_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !text.empty() && std::ranges::all_of(text, is_id_character);
}

bool is_symbol(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || text.size() > 80) return false;
    return is_id(text.substr(0, slash)) && is_id(text.substr(slash + 1));
}

/// "bitcoin/usd": the coin's identifier and the currency's code.
SpeltPair spelt_pair(std::string_view text) {
    const auto slash = text.find('/');
    auto currency = std::string(text.substr(slash + 1));
    boost::algorithm::to_upper(currency, std::locale::classic());
    return {std::string(text.substr(0, slash)), "", std::move(currency)};
}

}  // namespace

VenueRule venue_rule(Duration max_age, Duration fiat_max_age) {
    return {"coingecko", max_age, fiat_max_age, is_symbol, "bitcoin/usd", spelt_pair};
}

}  // namespace kurs::coingecko
