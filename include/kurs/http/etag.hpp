#pragma once

#include <string>
#include <string_view>

namespace kurs::http {

/// A strong ETag, with its quotation marks: the same for the same body, in every copy of the same build.
std::string make_etag(std::string_view body);

/// Whether an If-None-Match value names `etag`: in a list, with or without W/, or as `*`.
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace kurs::http
