// The pages with their assets, and the OpenAPI document.
#include "api/endpoints/endpoints.hpp"

namespace kurs::api {
namespace {

/// A page may load and request only what this service serves. The chart and Swagger UI set inline styles and
/// embed images in their style sheets. Page addresses contain no secrets but are private.
constexpr std::string_view page_headers =
    "Cache-Control: no-cache\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace

AssetResponses write_assets(std::span<const Asset> assets, const ResponseWriter& writer) {
    AssetResponses responses;
    for (const auto& [path, content_type, etag, body] : assets) {
        std::string kept(page_headers);
        kept.append("ETag: ").append(etag).append("\r\n");
        const auto type = "Content-Type: " + std::string(content_type) + "\r\n";
        TaggedResponse head{writer.write_head(200, type + kept, body.size()), writer.write(304, kept, ""),
                            std::string(etag)};
        responses.emplace(path, AssetResponse{std::move(head), body});
    }
    return responses;
}

Answer GetAsset::operator()(const Call& call, TimePoint) const {
    const auto found = assets->find(call.path);
    if (found == assets->end()) {
        return Problem{404, "Nothing is served at \"" + sanitised(call.path) +
                                "\". The page is at /, the API documentation at /docs."};
    }
    const auto& [head, body] = found->second;
    auto view = head.view(call.request.if_none_match);
    if (view.status == 200) view.body = body;
    view.is_lasting = true;
    return view;
}

Answer GetOpenApi::operator()(const Call& call, TimePoint) const {
    if (document->etag.empty()) *document = write_tagged(writer, render());
    auto view = document->view(call.request.if_none_match);
    view.is_lasting = true;
    return view;
}

}  // namespace kurs::api
