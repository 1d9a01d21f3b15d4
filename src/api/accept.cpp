#include "api/accept.hpp"

#include <algorithm>
#include <boost/url/grammar/ci_string.hpp>
#include <optional>
#include <utility>

#include "kurs/api/text.hpp"
#include "kurs/domain/trimmed.hpp"

namespace kurs::api {
namespace {

using boost::urls::grammar::ci_is_equal;

/// Whether the text is a list of media ranges with parameters (RFC 9110, 12.5.1).
bool is_well_formed(std::string_view accept) {
    return read_list(accept, [](std::string_view& rest) {
        const bool is_range = !take_token(rest).empty() && take(rest, '/') && !take_token(rest).empty();
        if (!is_range) return false;
        for (skip_blank(rest); take(rest, ';'); skip_blank(rest)) {
            skip_blank(rest);
            if (take_token(rest).empty() || !take(rest, '=')) continue;
            if (take_token(rest).empty() && take_quoted_string(rest).empty()) return false;
        }
        return true;
    });
}

/// The preference for a type: the most specific matching range decides whether it is wanted.
struct Preference {
    bool is_wanted = false;
    int exactness = 0;  ///< 1 for */*, 2 for text/*, 3 for text/plain, 4 with its version
};

/// Takes the text before the next `separator` that is outside quotation marks.
std::string_view take_part(std::string_view& rest, char separator) {
    bool is_quoted = false;
    std::size_t end = 0;
    for (; end < rest.size(); ++end) {
        if (is_quoted && rest[end] == '\\')
            ++end;
        else if (rest[end] == '"')
            is_quoted = !is_quoted;
        else if (rest[end] == separator && !is_quoted)
            break;
    }
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(part);
}

/// Whether a weight such as "0.85" is above zero. False for a malformed one.
bool is_positive(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return false;
    if (text.size() > 1 && text[1] != '.') return false;
    const auto decimals = text.substr(std::min<std::size_t>(2, text.size()));
    const bool is_number = decimals.find_first_not_of("0123456789") == std::string_view::npos;
    return is_number && (text[0] == '1' || decimals.find_first_not_of('0') != std::string_view::npos);
}

bool is_wanted(std::string_view parameters) {
    while (!parameters.empty()) {
        const auto parameter = take_part(parameters, ';');
        if (parameter.size() > 1 && ci_is_equal(parameter.substr(0, 2), "q="))
            return is_positive(parameter.substr(2));
    }
    return true;
}

/// The version that a range names; empty if none.
std::optional<std::string_view> version_in(std::string_view parameters) {
    constexpr std::string_view name = "version=";
    while (!parameters.empty()) {
        const auto parameter = take_part(parameters, ';');
        if (parameter.size() >= name.size() && ci_is_equal(parameter.substr(0, name.size()), name))
            return parameter.substr(name.size());
    }
    return "";
}

}  // namespace

bool takes_metrics_text(std::string_view accept) {
    if (trimmed(accept).empty() || !is_well_formed(accept)) return true;
    Preference text;
    while (!accept.empty()) {
        auto parameters = take_part(accept, ',');
        const auto range = take_part(parameters, ';');
        int exactness = ci_is_equal(range, "*/*") ? 1 : ci_is_equal(range, "text/*") ? 2 : 0;
        const auto version = ci_is_equal(range, "text/plain") ? version_in(parameters) : std::nullopt;
        if (version && version->empty()) exactness = 3;
        if (version == "0.0.4" || version == "\"0.0.4\"") exactness = 4;
        if (exactness > text.exactness) text = {is_wanted(parameters), exactness};
    }
    return text.is_wanted;
}

bool takes_gzip(std::string_view accept_encoding) {
    Preference gzip;
    while (!accept_encoding.empty()) {
        auto parameters = take_part(accept_encoding, ',');
        const auto coding = take_part(parameters, ';');
        const int exactness = ci_is_equal(coding, "gzip") ? 2 : coding == "*" ? 1 : 0;
        if (exactness > gzip.exactness) gzip = {is_wanted(parameters), exactness};
    }
    return gzip.is_wanted;
}

}  // namespace kurs::api
