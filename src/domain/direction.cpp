#include "kurs/domain/direction.hpp"

#include <algorithm>

namespace kurs {
namespace {

constexpr char to_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

constexpr bool is_code_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_asset_code(std::string_view text) {
    return text.size() >= 2 && text.size() <= 12 && std::ranges::all_of(text, is_code_character);
}

result<Direction> Direction::parse(std::string_view text) {
    std::string upper(text.substr(0, 32));  // more than any direction has
    std::ranges::transform(upper, upper.begin(), to_upper);
    const auto hyphen = upper.find('-');
    if (hyphen == std::string::npos) return errc::malformed;
    const std::string_view view(upper);
    if (!is_asset_code(view.substr(0, hyphen)) || !is_asset_code(view.substr(hyphen + 1)))
        return errc::malformed;
    return Direction(std::move(upper), hyphen);
}

}  // namespace kurs
