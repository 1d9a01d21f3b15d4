#include "http/target.hpp"

#include <boost/url/authority_view.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <charconv>

namespace kurs::http {
namespace {

using boost::urls::grammar::ci_is_equal;

/// Boost.URL 1.81 takes 99999 for a port and wraps it. An empty port is the scheme's own.
bool is_port(std::string_view text) {
    unsigned port = 1;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    return text.empty() || (error == std::errc{} && stop == end && port >= 1 && port <= 65'535);
}

}  // namespace

Target split_target(std::string_view target) {
    Target parts;
    constexpr std::string_view mark = "://";
    const auto scheme_end = target.substr(0, sizeof("https://")).find(mark);
    const auto scheme = target.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
    if (ci_is_equal(scheme, "http") || ci_is_equal(scheme, "https")) {
        target.remove_prefix(scheme.size() + mark.size());
        parts.authority = target.substr(0, target.find_first_of("/?"));
        target.remove_prefix(parts.authority->size());
    }
    const auto query = target.find('?');
    parts.path = target.substr(0, query);
    if (query != std::string_view::npos) parts.query = target.substr(query + 1);
    if (parts.authority && parts.path.empty()) parts.path = "/";
    return parts;
}

bool is_host(std::string_view text) {
    const auto parsed = boost::urls::parse_authority({text.data(), text.size()});
    if (!parsed || parsed->has_userinfo()) return false;
    const auto port = parsed->port();
    return (!parsed->encoded_host().empty() || !parsed->has_port()) && is_port({port.data(), port.size()});
}

}  // namespace kurs::http
