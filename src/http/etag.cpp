#include "kurs/http/etag.hpp"

#include <cstdint>
#include <functional>

namespace kurs::http {

std::string make_etag(std::string_view body) {
    static_assert(sizeof(std::size_t) == 8);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string etag = "\"";
    const std::uint64_t hash = std::hash<std::string_view>{}(body);
    for (int shift = 60; shift >= 0; shift -= 4) etag += digits[(hash >> shift) & 15];
    return etag += '"';
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
    constexpr std::string_view separators = " \t,";
    auto rest = if_none_match;
    while (true) {
        rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
        if (rest.empty()) return false;
        if (rest == "*" || rest.starts_with("*,") || rest.starts_with("* ")) return true;
        if (rest.starts_with("W/")) rest.remove_prefix(2);
        // What stands between the quotation marks is opaque: it may hold commas and spaces.
        const auto end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
        if (end == std::string_view::npos) return false;
        if (rest.substr(0, end + 1) == etag) return true;
        rest.remove_prefix(end + 1);
    }
}

}  // namespace kurs::http
