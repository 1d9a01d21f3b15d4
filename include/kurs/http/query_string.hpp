#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kurs::http {

/// What was read, or a sentence for the client that says what to change.
template <class T>
using Parsed = boost::system::result<T, std::string>;

struct Parameter {
    std::string name;
    std::string value;
};

/// Splits and decodes what follows the `?`. Fails on malformed encoding and on characters a URL does not
/// allow.
Parsed<std::vector<Parameter>> parse_query_string(std::string_view raw);

/// Decodes a part of a path; nothing if its encoding is malformed.
std::optional<std::string> decode_segment(std::string_view raw);

}  // namespace kurs::http
