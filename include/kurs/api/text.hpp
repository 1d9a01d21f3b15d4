#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

// How the text of requests is read.
namespace kurs::api {

/// Digits alone, after a - if T takes one; nothing if it is anything else, or too large.
template <class T>
std::optional<T> whole_number(std::string_view text) {
    T number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

/// Without the characters of `blank` around it.
std::string_view trimmed(std::string_view text, std::string_view blank = " \t");

/// Adds to a list that is separated by commas.
void append_item(std::string& list, std::string_view item);

// Values of header fields (RFC 9110, 5.6). Each `take_` removes what it returns from the front.

void skip_blank(std::string_view& rest);

bool take(std::string_view& rest, char c);

/// Empty if no token stands there.
std::string_view take_token(std::string_view& rest);

/// What stands in quotation marks, with them and with its escapes; empty if it does not begin or end there.
std::string_view take_quoted_string(std::string_view& rest);

/// Hands what is left of the list to `take_element` until nothing is left. False if an element is malformed,
/// which `take_element` says, or is followed by anything but a comma.
template <class TakeElement>
bool read_list(std::string_view rest, TakeElement take_element) {
    for (skip_blank(rest); !rest.empty(); skip_blank(rest)) {
        if (take(rest, ',')) continue;  // empty elements are allowed
        if (!take_element(rest)) return false;
        skip_blank(rest);
        if (!rest.empty() && !take(rest, ',')) return false;
    }
    return true;
}

}  // namespace kurs::api
