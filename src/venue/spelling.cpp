#include "kurs/venue/spelling.hpp"

#include <algorithm>

namespace kurs {
namespace {

bool is_code(std::string_view text) {
    const auto is_capital_or_digit = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return text.size() >= 2 && text.size() <= 12 && std::ranges::all_of(text, is_capital_or_digit);
}

}  // namespace

Spelling two_codes(char separator, std::string example) {
    auto is_symbol = [separator](std::string_view text) {
        const auto at = text.find(separator);
        return at != std::string_view::npos && is_code(text.substr(0, at)) && is_code(text.substr(at + 1));
    };
    auto spelt_pair = [separator](std::string_view text) {
        const auto at = text.find(separator);
        return SpeltPair{"", std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
    };
    return {.example = std::move(example), .is_symbol = is_symbol, .spelt_pair = spelt_pair};
}

}  // namespace kurs
