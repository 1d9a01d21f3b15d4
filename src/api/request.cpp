#include "kurs/api/request.hpp"

#include <boost/url/grammar/ci_string.hpp>

namespace kurs::api {

Target split_target(std::string_view target) {
    using boost::urls::grammar::ci_is_equal;
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

}  // namespace kurs::api
