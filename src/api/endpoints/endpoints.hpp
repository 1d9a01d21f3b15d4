#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/courses_cache.hpp"
#include "api/exports_cache.hpp"
#include "api/tagged_response.hpp"
#include "kurs/api/outcome.hpp"
#include "kurs/api/request.hpp"
#include "kurs/api/sources.hpp"

// The endpoints, each with its dependencies. Everything referred to must outlive them.
namespace kurs::api {

/// A parsed request to an endpoint.
struct Call {
    const Request& request;
    std::string_view path;
    std::string_view parameter;  ///< the part of the path that the route leaves open
    std::string_view query;
    std::string_view client = {};  ///< the name of the request's API key
};

using Endpoint = std::function<Answer(const Call&, TimePoint now)>;

// Version 1.

struct GetCoursesV1 {
    std::shared_ptr<CoursesCache> cache;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct Redirect {
    std::string_view path;
    const ResponseWriter& writer;
    Answer operator()(const Call& call, TimePoint) const { return writer.write_redirect(path, call.query); }
};

// Version 2.

struct GetCourses {
    const Board& board;
    const ResponseWriter& writer;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetCourse {
    const Board& board;
    const ResponseWriter& writer;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetConversion {
    const Board& board;
    const ResponseWriter& writer;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

using ReadPricing = std::function<std::optional<PricingReport>()>;  ///< may be unset

struct GetExplanation {
    const Board& board;
    const FailoverHistory& failovers;
    ReadPricing pricing;
    const ResponseWriter& writer;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetCandles {
    const MarketMap& map;
    bool is_csv = false;
    Answer operator()(const Call& call, TimePoint now) const;
};

/// What a response about the past contains besides history.
struct Present {
    const MarketMap& map;
    const ReadPricing& pricing;
};

/// The response after history has answered the question of `GetCourse`, `GetExplanation` or `GetCandles`.
Response write_history(const HistoryLookup& lookup, const HistoryAnswer& history, const Present& present,
                       const ResponseWriter& writer);

struct GetExchangers {
    const Board& board;
    const FailoverHistory& failovers;
    std::function<std::vector<FeedReport>()> feeds;
    const ResponseWriter& writer;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetExport {
    const exports::Exports* exports = nullptr;  ///< null: none
    std::shared_ptr<ExportsCache> cache;
    const ResponseWriter& writer;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetExportExplanation {
    const exports::Exports* exports = nullptr;  ///< null: none
    const Board& board;
    const exports::ReserveBook& reserves;
    const ResponseWriter& writer;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct LockQuote {
    const Board& board;
    const exports::Exports* exports = nullptr;  ///< null: none
    const exports::ReserveBook& reserves;
    const Locking& locking;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetQuote {
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetSigningKeys {
    const Locking& locking;
    const ResponseWriter& writer;
    Answer operator()(const Call& call, TimePoint now) const;
};

/// The response after the store has answered the question of `LockQuote` or `GetQuote`.
Response write_quote(const QuoteLookup& lookup, const lock::LockAnswer& answer, TimePoint now,
                     const ResponseWriter& writer);

struct OpenEventStream {
    const MarketMap& map;
    const ResponseWriter& writer;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct OpenWebSocket {
    const MarketMap& map;
    std::string allowed_origin;
    RequestedWatch on_requested;
    Answer operator()(const Call& call, TimePoint now) const;
};

// For people.

struct AssetResponse {
    TaggedResponse head;
    std::string_view body;
};
struct AssetVariants {
    AssetResponse plain;
    std::optional<AssetResponse> gzipped;
};
using AssetResponses = std::map<std::string_view, AssetVariants>;  // by path

AssetResponses write_assets(std::span<const Asset> assets, const ResponseWriter& writer);

struct GetAsset {
    std::shared_ptr<const AssetResponses> assets;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetOpenApi {
    std::function<std::string()> render;
    const ResponseWriter& writer;
    std::shared_ptr<TaggedResponse> document =
        std::make_shared<TaggedResponse>();  ///< rendered on the first request
    Answer operator()(const Call& call, TimePoint now) const;
};

// For operators. nginx does not expose these.

struct GetLiveness {
    const ResponseWriter& writer;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetReadiness {
    std::function<std::vector<std::string>()> not_ready;
    const ResponseWriter& writer;
    Answer operator()(const Call& call, TimePoint now) const;
};

struct GetMetrics {
    std::function<std::string()> render;
    const ResponseWriter& writer;
    Answer operator()(const Call& call, TimePoint now) const;
};

}  // namespace kurs::api
