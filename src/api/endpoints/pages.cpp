// The pages with their assets, and the OpenAPI document.
#include "api/accept.hpp"
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

/// `variant` has the headers of this form of the asset.
AssetResponse write_asset(const Asset& asset, std::string etag, std::string_view variant,
                          std::string_view body, const ResponseWriter& writer) {
    std::string kept(page_headers);
    kept.append(variant).append("ETag: ").append(etag).append("\r\n");
    const auto type = "Content-Type: " + std::string(asset.content_type) + "\r\n";
    return {{writer.write_head(200, type + kept, body.size()), writer.write(304, kept, ""), std::move(etag)},
            body};
}

/// Each form of an asset has an ETag of its own: "x" and "x-gzip".
AssetVariants write_variants(const Asset& asset, const ResponseWriter& writer) {
    std::string etag(asset.etag);
    if (asset.gzipped.empty()) return {write_asset(asset, std::move(etag), "", asset.body, writer), {}};
    auto gzipped_etag = etag;
    gzipped_etag.insert(gzipped_etag.size() - 1, "-gzip");
    constexpr std::string_view encoded = "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n";
    return {write_asset(asset, std::move(etag), "Vary: Accept-Encoding\r\n", asset.body, writer),
            write_asset(asset, std::move(gzipped_etag), encoded, asset.gzipped, writer)};
}

}  // namespace

AssetResponses write_assets(std::span<const Asset> assets, const ResponseWriter& writer) {
    AssetResponses responses;
    for (const auto& asset : assets) responses.emplace(asset.path, write_variants(asset, writer));
    return responses;
}

Answer GetAsset::operator()(const Call& call, TimePoint) const {
    const auto found = assets->find(call.path);
    if (found == assets->end()) {
        return Problem{404, "Nothing is served at \"" + sanitised(call.path) +
                                "\". The page is at /, the API documentation at /docs."};
    }
    const auto& [plain, gzipped] = found->second;
    const bool is_packed = gzipped && takes_gzip(call.request.accept_encoding);
    const auto& [head, body] = is_packed ? *gzipped : plain;
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
