#include "kurs/tape/tape.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace kurs::tape {
namespace {

constexpr std::array<std::string_view, 14> words{"configuration", "begin",  "feed",     "session",  "open",
                                                 "frame",         "watch",  "request",  "response", "failure",
                                                 "clock",         "wanted", "restored", "change"};

}  // namespace

std::string_view to_string(Kind kind) {
    return words.at(static_cast<std::size_t>(kind));
}

std::optional<Kind> parse_kind(std::string_view text) {
    const auto* const found = std::ranges::find(words, text);
    if (found == words.end()) return std::nullopt;
    return static_cast<Kind>(found - words.begin());
}

std::string fingerprint(std::string_view text) {
    const auto* const bytes = reinterpret_cast<const Bytef*>(text.data());
    const auto sum = crc32_z(0, bytes, text.size());
    std::array<char, 8> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), sum, 16).ptr;
    return std::string(digits.data(), end);
}

}  // namespace kurs::tape
