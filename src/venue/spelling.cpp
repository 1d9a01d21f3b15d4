#include "kurs/venue/spelling.hpp"

#include <algorithm>

namespace kurs {
namespace {

bool is_of_codes(std::string_view text, std::size_t least, std::size_t most) {
    const auto is_capital_or_digit = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return text.size() >= least && text.size() <= most && std::ranges::all_of(text, is_capital_or_digit);
}

}  // namespace

Spelling two_codes(char separator, std::string example) {
    auto is_symbol = [separator](std::string_view text) {
        const auto at = text.find(separator);
        return at != std::string_view::npos && is_of_codes(text.substr(0, at), 2, 12) &&
               is_of_codes(text.substr(at + 1), 2, 12);
    };
    auto spelt_pair = [separator](std::string_view text) {
        const auto at = text.find(separator);
        return SpeltPair{"", std::string(text.substr(0, at)), std::string(text.substr(at + 1))};
    };
    return {.example = std::move(example), .is_symbol = is_symbol, .spelt_pair = spelt_pair};
}

Spelling joined_codes(std::string example) {
    auto is_symbol = [](std::string_view text) { return is_of_codes(text, 4, 24); };
    return {.example = std::move(example), .is_symbol = is_symbol, .is_from_codes = true};
}

}  // namespace kurs
