#include "kurs/http/query_string.hpp"

#include <boost/url/parse_query.hpp>
#include <boost/url/pct_string_view.hpp>

namespace kurs::http {
namespace {

/// Browsers and axios send brackets as they are, which RFC 3986 does not allow.
std::string encode_brackets(std::string_view raw) {
    std::string encoded;
    for (const char c : raw) {
        if (c == '[')
            encoded += "%5B";
        else if (c == ']')
            encoded += "%5D";
        else
            encoded += c;
    }
    return encoded;
}

}  // namespace

Parsed<std::vector<Parameter>> parse_query_string(std::string_view raw) {
    std::vector<Parameter> parameters;
    if (raw.empty()) return parameters;
    const auto encoded = encode_brackets(raw);
    const auto query = boost::urls::parse_query(encoded);
    if (!query) {
        return std::string(
            "The query holds malformed percent-encoding or a character that a URL does not allow. Encode it "
            "as "
            "RFC 3986 says, for example direction=BTC-USD%2CETH-USD.");
    }
    for (const auto& parameter : *query) {
        const bool is_empty = parameter.key.empty() && !parameter.has_value;  // as in "a=1&&b=2"
        if (!is_empty) parameters.push_back({parameter.key.decode(), parameter.value.decode()});
    }
    return parameters;
}

std::optional<std::string> decode_segment(std::string_view raw) {
    const auto segment = boost::urls::make_pct_string_view({raw.data(), raw.size()});
    if (!segment) return std::nullopt;
    return segment->decode();
}

}  // namespace kurs::http
