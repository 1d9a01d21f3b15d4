#include "config/price_unit.hpp"

namespace kurs {

PriceUnit::PriceUnit(const MarketMap& map, std::string_view base, std::string_view quote) {
    exponents_[std::string(map.canonical(base))] += 1;
    exponents_[std::string(map.canonical(quote))] -= 1;
    std::erase_if(exponents_, [](const auto& entry) { return entry.second == 0; });
}

PriceUnit& PriceUnit::multiply(const PriceUnit& other, bool inverted) {
    for (const auto& [asset, exponent] : other.exponents_)
        exponents_[asset] += inverted ? -exponent : exponent;
    std::erase_if(exponents_, [](const auto& entry) { return entry.second == 0; });
    return *this;
}

std::optional<std::pair<std::string, std::string>> PriceUnit::as_pair() const {
    if (exponents_.size() != 2) return std::nullopt;
    const auto& [first, first_exponent] = *exponents_.begin();
    const auto& [second, second_exponent] = *std::next(exponents_.begin());
    if (first_exponent == 1 && second_exponent == -1) return std::pair(first, second);
    if (first_exponent == -1 && second_exponent == 1) return std::pair(second, first);
    return std::nullopt;
}

std::string PriceUnit::text() const {
    std::string above, below;
    for (const auto& [asset, exponent] : exponents_) {
        for (int i = 0; i < exponent; ++i) above += (above.empty() ? "" : " * ") + asset;
        for (int i = 0; i > exponent; --i) below += " / " + asset;
    }
    return (above.empty() ? "1" : above) + below;
}

}  // namespace kurs
