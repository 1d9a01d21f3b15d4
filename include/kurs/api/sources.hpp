#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/access/access.hpp"
#include "kurs/board/board.hpp"
#include "kurs/domain/failover_history.hpp"
#include "kurs/domain/feed_report.hpp"
#include "kurs/domain/pricing_report.hpp"
#include "kurs/exports/reserves.hpp"
#include "kurs/lock/signing.hpp"

namespace kurs::api {

/// An embedded file: a page, a script, a style sheet. Lives as long as the process.
struct Asset {
    std::string_view path;  ///< URL path: "/", "/docs", "/assets/page.js"
    std::string_view content_type;
    std::string_view etag;  ///< including its quotation marks
    std::string_view body;
    std::string_view gzipped = {};  ///< the body compressed; empty if it is served only as it is
};

/// Called for each request that names its exchanger.
using RequestedWatch = std::function<void(VenueId, TimePoint)>;

/// How quotes are locked.
struct Locking {
    lock::SigningKeys keys;
    Duration longest{};                   ///< for which a quote may hold
    std::function<std::string()> new_id;  ///< returns a UUID that nobody can guess
};

/// The sources of the API's data. Everything referred to must outlive the API.
struct Sources {
    const Board& board;
    const FailoverHistory& failovers;
    std::function<std::vector<std::string>()> not_ready;  ///< why the process is not ready; empty if it is
    std::function<std::vector<FeedReport>()> feeds;       ///< in display order
    RequestedWatch on_requested;
    /// Whether a version identifies the same board on all replicas. Unset: always.
    std::function<bool(std::uint64_t)> is_shared = {};
    /// The body of /metrics in the Prometheus text format 0.0.4. Unset: /metrics is 404.
    std::function<std::string()> metrics = {};
    std::span<const Asset> assets = {};
    /// What the writer reports. Unset: nothing.
    std::function<std::optional<PricingReport>()> pricing = {};
    std::string_view version = {};                   ///< version of this program, shown in /openapi.json
    const exports::Exports* exports = nullptr;       ///< null: none
    const exports::ReserveBook* reserves = nullptr;  ///< null: none is reported
    const access::Rules* access = nullptr;           ///< null: no request needs a key
    std::optional<Locking> locking = {};             ///< none: no quotes are locked
};

}  // namespace kurs::api
