#include <algorithm>

#include "kurs/http/etag.hpp"
#include "kurs/http/service.hpp"

namespace kurs::http {
namespace {

/// A page may load and ask nothing but what this service serves. The chart and the API's page set styles of
/// elements, and have images in their sheets. Addresses of the page carry no secret, but are nobody's matter.
constexpr std::string_view shared_headers =
    "Cache-Control: no-cache\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace

ServiceAnswer Service::get_asset(const Asked& asked, TimePoint) {
    const auto asset = std::ranges::find(sources_.assets, asked.path, &Asset::path);
    if (asset == sources_.assets.end()) {
        return refuse({404, "Nothing is served at \"" + sanitised(asked.path) +
                                "\". The page is at /, that of the API at /docs."});
    }
    std::string lines(shared_headers);
    lines.append("ETag: ").append(asset->etag).append("\r\n");
    const auto condition = asked.request.if_none_match;
    if (!condition.empty() && matches_etag(condition, asset->etag))
        return keep(writer_.write(304, lines, ""));
    lines.append("Content-Type: ").append(asset->content_type).append("\r\n");
    auto reply = keep(writer_.write_head(200, lines, asset->body.size()));
    reply.body = asset->body;
    reply.is_lasting = true;
    return reply;
}

}  // namespace kurs::http
