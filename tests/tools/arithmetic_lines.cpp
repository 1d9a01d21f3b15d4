// Computes one line each, so that tests can compare the arithmetic with an independent one. Writes what
// follows the arrow, or the failure's name.
//
//   parse TEXT                                       -> rate rounded
//   number TEXT                                      -> rate rounded
//   cross bid ask inverted bid ask inverted ...      -> bid value ask rounded
//   convert sell|buy places amount bid ask inverted  -> rate amount, "-" for zero
#include <iostream>
#include <sstream>
#include <string>

#include "kurs/pricing/conversion.hpp"
#include "kurs/pricing/cross_rate.hpp"

namespace kurs {
namespace {

std::string written(const result<Rate>& rate) {
    return rate ? to_string(*rate) + " " + to_rounded_string(*rate) : std::string(to_string(rate.error()));
}

std::string written(const std::optional<Rate>& rate) {
    return rate ? to_string(*rate) : "-";
}

std::vector<ConversionFactor> read_factors(std::istringstream& words) {
    std::vector<ConversionFactor> factors;
    std::string bid, ask;
    for (int inverted = 0; words >> bid >> ask >> inverted;)
        factors.push_back({Rate::parse(bid).value(), Rate::parse(ask).value(), inverted != 0});
    return factors;
}

std::string cross(std::istringstream& words) {
    std::vector<QuoteLeg> legs;
    for (const auto& [bid, ask, inverted] : read_factors(words)) legs.push_back({{}, inverted, bid, ask, {}});
    const auto rate = cross_rate(legs);
    if (!rate) return std::string(to_string(rate.error()));
    return to_string(rate->bid) + " " + to_string(rate->value) + " " + to_string(rate->ask) + " " +
           to_rounded_string(rate->value);
}

std::string convert(std::istringstream& words) {
    std::string side, amount;
    int places = 0;
    words >> side >> places >> amount;
    const auto converted = convert(Rate::parse(amount).value(), side == "sell" ? Side::sell : Side::buy,
                                   read_factors(words), places);
    if (!converted) return std::string(to_string(converted.error()));
    return written(converted->rate) + " " + written(converted->result);
}

std::string compute(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    const auto text = std::string_view(line).substr(std::min(verb.size() + 1, line.size()));
    if (verb == "parse") return written(Rate::parse(text));
    if (verb == "number") return written(Rate::parse_number(text));
    return verb == "cross" ? cross(words) : convert(words);
}

}  // namespace
}  // namespace kurs

int main() {
    for (std::string line; std::getline(std::cin, line);) std::cout << kurs::compute(line) << '\n';
}
