#include "kurs/venues/cbr.hpp"

namespace kurs::cbr {
namespace {

bool is_symbol(std::string_view text) {
    return text.size() == 7 && text.ends_with("/RUB") && is_asset_code(text.substr(0, 3));
}

SpeltPair spelt_pair(std::string_view text) {
    return {"", std::string(text.substr(0, 3)), "RUB"};
}

}  // namespace

VenueRule venue_rule(Duration max_age) {
    return {"cbr", max_age, {}, is_symbol, "USD/RUB", spelt_pair};
}

}  // namespace kurs::cbr
