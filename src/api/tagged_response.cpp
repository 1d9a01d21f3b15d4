#include "api/tagged_response.hpp"

#include <cstdint>
#include <functional>

#include "kurs/api/text.hpp"

namespace kurs::api {

ResponseView TaggedResponse::view(std::string_view if_none_match) const {
    const bool is_known = !etag.empty() && !if_none_match.empty() && matches_etag(if_none_match, etag);
    return (is_known ? not_modified : full).view();
}

TaggedResponse write_tagged(const ResponseWriter& writer, std::string_view content_type,
                            std::string_view headers, std::string body) {
    auto etag = make_etag(body);
    const auto kept = std::string(revalidate) + "ETag: " + etag + "\r\n" + std::string(headers);
    const auto type = "Content-Type: " + std::string(content_type) + "\r\n";
    return {writer.write(200, type + kept, std::move(body)), writer.write(304, kept, ""), std::move(etag)};
}

TaggedResponse write_tagged(const ResponseWriter& writer, std::string body) {
    return write_tagged(writer, "application/json", "", std::move(body));
}

std::string make_etag(std::string_view body) {
    static_assert(sizeof(std::size_t) == 8);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string etag = "\"";
    const std::uint64_t hash = std::hash<std::string_view>{}(body);
    for (int shift = 60; shift >= 0; shift -= 4) etag += digits[(hash >> shift) & 15];
    return etag += '"';
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
    auto rest = if_none_match;
    skip_blank(rest);
    const bool is_any = take(rest, '*');
    skip_blank(rest);
    if (is_any) return rest.empty();
    bool is_found = false;
    const bool is_well_formed = read_list(rest, [&](std::string_view& left) {
        if (left.starts_with("W/")) left.remove_prefix(2);
        // The text between the quotation marks is opaque: it may contain commas, spaces and backslashes.
        const auto end = left.starts_with('"') ? left.find('"', 1) : std::string_view::npos;
        if (end == std::string_view::npos) return false;
        is_found = is_found || left.substr(0, end + 1) == etag;
        left.remove_prefix(end + 1);
        return true;
    });
    return is_found && is_well_formed;
}

}  // namespace kurs::api
