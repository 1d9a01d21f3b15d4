#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kurs/domain/errc.hpp"
#include "kurs/domain/quote.hpp"

// What the pricing knows besides its quotes, as the writer reports it to the other replicas.
namespace kurs {

/// How long a refused value is reported.
inline constexpr Duration refusals_kept = std::chrono::minutes(5);

/// The values of a symbol that were refused for the same reason.
struct RefusalReport {
    SymbolId symbol{};
    errc reason{};
    std::optional<Rate> bid, ask;  ///< of the last one; none if it was no price
    TimePoint first_at{};
    TimePoint last_at{};
    std::uint64_t times = 0;

    friend bool operator==(const RefusalReport&, const RefusalReport&) = default;
};

enum class SourceState : std::uint8_t {
    used,        ///< the reference rate has its value
    fresh,       ///< not used: a preferred source is
    doubted,     ///< fresh, but it differs from the others
    stale,       ///< past a limit, or its legs are too far apart in time
    incomplete,  ///< the price of a leg is not known
};

/// The name used in the API, such as "doubted".
std::string_view to_string(SourceState state);
result<SourceState> parse_source_state(std::string_view text);

struct SourceReport {
    SourceState state{};
    std::optional<Rate> value;   ///< the mid; none if incomplete
    std::vector<QuoteLeg> legs;  ///< those with a known price

    friend bool operator==(const SourceReport&, const SourceReport&) = default;
};

struct ReferenceReport {
    ReferenceRateId rate{};
    std::vector<SourceReport> sources;  ///< as in the market map

    friend bool operator==(const ReferenceReport&, const ReferenceReport&) = default;
};

struct PricingReport {
    TimePoint at{};
    std::vector<RefusalReport> refusals;  ///< the newest first
    std::vector<ReferenceReport> references;

    friend bool operator==(const PricingReport&, const PricingReport&) = default;
};

}  // namespace kurs
