#pragma once

#include <string>
#include <string_view>

#include "kurs/api/response.hpp"

namespace kurs::api {

/// A response with an ETag, and its 304.
struct TaggedResponse {
    Response full;
    Response not_modified;
    std::string etag;  ///< empty: always sent in full

    ResponseView view(std::string_view if_none_match) const;
};

/// A response of this type that caches store but revalidate each time. `headers` are further lines.
TaggedResponse write_tagged(const ResponseWriter& writer, std::string_view content_type,
                            std::string_view headers, std::string body);

/// A JSON document that caches store but revalidate each time.
TaggedResponse write_tagged(const ResponseWriter& writer, std::string body);

/// A strong ETag, with its quotation marks. Equal bodies have equal tags on all replicas of the same build.
std::string make_etag(std::string_view body);

/// Whether an If-None-Match value matches `etag`: in a list, with or without W/, or as `*`.
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace kurs::api
