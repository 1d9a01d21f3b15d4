#include "kurs/venue/url_text.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace kurs {

namespace {

/// Boost.URL 1.81 accepts the port 99999 and wraps it.
bool is_port(const std::string& text) {
    unsigned port = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && stop == text.data() + text.size() && port >= 1 && port <= 65'535;
}

/// A host may be percent-encoded, and decode to characters that no name has.
bool is_host(const std::string& decoded) {
    const auto is_plain = [](unsigned char c) { return c > ' ' && c != 0x7f; };
    return !decoded.empty() && decoded != "." && std::ranges::all_of(decoded, is_plain);
}

}  // namespace

std::string with_lower_scheme(std::string url) {
    const auto end = url.find("://");
    if (end == std::string::npos) return url;
    std::transform(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(end), url.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return url;
}

std::optional<Endpoint> parse_endpoint(std::string_view url, std::string_view plain, std::string_view tls) {
    const std::string text = with_lower_scheme(std::string(url));
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) return std::nullopt;
    const bool is_tls = parsed->scheme() == tls;
    const bool is_known = is_tls || parsed->scheme() == plain;
    const bool has_extras = parsed->has_query() || parsed->has_fragment() || parsed->has_userinfo();
    const bool has_bad_port = parsed->has_port() && !is_port(std::string(parsed->port()));
    // Boost.URL 1.81 reads "http://host:80(/a" as the port 80 and the path "(/a".
    const std::string path(parsed->encoded_path());
    const bool has_bad_path = !path.empty() && !path.starts_with('/');
    if (!is_known || has_extras || has_bad_port || has_bad_path || !is_host(parsed->host_address()))
        return std::nullopt;

    Endpoint endpoint;
    endpoint.tls = is_tls;
    endpoint.host = parsed->host_address();
    endpoint.port =
        parsed->has_port() ? parsed->port_number() : static_cast<std::uint16_t>(is_tls ? 443 : 80);
    endpoint.path = path;
    while (endpoint.path.ends_with('/')) endpoint.path.pop_back();
    return endpoint;
}

std::optional<Proxy> parse_proxy(std::string_view url) {
    const std::string text = with_lower_scheme(std::string(url));
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) return std::nullopt;
    const bool is_http = parsed->scheme() == "http";
    const bool is_known = is_http || parsed->scheme() == "socks5h";
    const bool has_path = !parsed->encoded_path().empty() && parsed->encoded_path() != "/";
    const bool has_extras = has_path || parsed->has_query() || parsed->has_fragment();
    const bool is_complete = is_host(parsed->host_address()) && is_port(std::string(parsed->port()));
    if (!is_known || has_extras || !is_complete) return std::nullopt;

    constexpr std::size_t longest = 255;  // RFC 1929
    Proxy proxy{is_http ? Proxy::Kind::http : Proxy::Kind::socks5, parsed->host_address(),
                parsed->port_number(), parsed->user(), parsed->password()};
    if (proxy.user.size() > longest || proxy.password.size() > longest) return std::nullopt;
    return proxy;
}

}  // namespace kurs
