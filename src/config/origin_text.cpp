#include "config/origin_text.hpp"

#include <algorithm>
#include <boost/url/grammar/ci_string.hpp>

#include "kurs/venue/url_text.hpp"

namespace kurs {

std::optional<std::string> parse_origin(std::string_view url) {
    std::string text(url);
    std::ranges::transform(text, text.begin(), boost::urls::grammar::to_lower);
    const auto endpoint = parse_endpoint(text, "http", "https");
    // RFC 3986 also allows commas and asterisks in a name, that is, lists and patterns, which match no
    // origin.
    constexpr std::string_view name_chars = "abcdefghijklmnopqrstuvwxyz0123456789-._:";
    const bool is_origin = endpoint && endpoint->path.empty() &&
                           endpoint->host.find_first_not_of(name_chars) == std::string::npos;
    if (!is_origin) return std::nullopt;
    return (endpoint->tls ? "https://" : "http://") + endpoint->host_header();
}

}  // namespace kurs
