#pragma once

#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

// Parsing of request text.
namespace kurs::api {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7). For the years 0 to 9999.
std::string http_date(TimePoint time);

/// Appends to a comma-separated list.
void append_item(std::string& list, std::string_view item);

// Values of header fields (RFC 9110, 5.6). Each `take_` removes what it returns from the front.

void skip_blank(std::string_view& rest);

bool take(std::string_view& rest, char c);

/// Empty if the text does not begin with a token.
std::string_view take_token(std::string_view& rest);

/// A quoted string, with its quotation marks and escapes. Empty if the text does not begin with a complete
/// one.
std::string_view take_quoted_string(std::string_view& rest);

/// Passes the rest of the list to `take_element` until it is empty. False if `take_element` reports a
/// malformed element or an element is not followed by a comma.
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
