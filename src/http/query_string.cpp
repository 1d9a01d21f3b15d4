#include "kurs/http/query_string.hpp"

#include <boost/url/parse_query.hpp>
#include <boost/url/pct_string_view.hpp>

namespace kurs::http {

Parsed<std::vector<Parameter>> parse_query_string(std::string_view raw) {
    std::vector<Parameter> parameters;
    if (raw.empty()) return parameters;
    const auto query = boost::urls::parse_query(boost::core::string_view(raw.data(), raw.size()));
    if (!query) {
        return std::string(
            "The query holds malformed percent-encoding or a character that a URL does not allow. Encode it "
            "as "
            "RFC "
            "3986 says, for example direction=BTC-USD%2CETH-USD.");
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
