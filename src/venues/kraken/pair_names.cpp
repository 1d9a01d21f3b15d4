#include "venues/kraken/pair_names.hpp"

#include <utility>

namespace kurs::kraken {
namespace {

std::string rest_code(std::string_view code) {
    if (code == "BTC") return "XBT";
    if (code == "DOGE") return "XDG";
    return std::string(code);
}

std::pair<std::string, std::string> rest_codes(std::string_view symbol) {
    const auto slash = symbol.find('/');
    if (slash == std::string_view::npos) return {std::string(symbol), ""};
    return {rest_code(symbol.substr(0, slash)), rest_code(symbol.substr(slash + 1))};
}

}  // namespace

std::string rest_name(std::string_view symbol) {
    const auto [base, quote] = rest_codes(symbol);
    return base + quote;
}

std::vector<std::string> answer_names(std::string_view symbol) {
    const auto [base, quote] = rest_codes(symbol);
    std::vector<std::string> names;
    for (const char* const before_base : {"", "X", "Z"}) {
        for (const char* const before_quote : {"", "Z", "X"}) {
            names.push_back(before_base + base + before_quote + quote);
        }
    }
    return names;
}

}  // namespace kurs::kraken
