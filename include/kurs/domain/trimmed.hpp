#pragma once

#include <algorithm>
#include <string_view>

namespace kurs {

/// Without the characters of `blank` at both ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view blank = " \t") {
    text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

}  // namespace kurs
