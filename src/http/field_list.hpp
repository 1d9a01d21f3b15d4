#pragma once

#include <string_view>

// How values of header fields are read (RFC 9110, 5.6). Each `take_` removes what it returns from the front.
namespace kurs::http {

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

}  // namespace kurs::http
