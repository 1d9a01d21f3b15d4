#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/exports/address_range.hpp"
#include "kurs/exports/opening_hours.hpp"
#include "kurs/pricing/conversion.hpp"

// What the operator publishes for monitors and exchanger sites. Built and checked by config, immutable
// afterwards.
namespace kurs::exports {

/// The format of a document, in the order of `format_names`.
enum class Format : std::uint8_t { eref_1_1, xml_1_0, json_1_3, txt, iex_json, iex_txt, exchanger_cms };

inline constexpr std::string_view format_names[]{"eref-1.1", "xml-1.0", "json-1.3",     "txt",
                                                 "iex-json", "iex-txt", "exchanger-cms"};

constexpr std::string_view to_string(Format format) {
    return format_names[static_cast<std::size_t>(format)];
}

/// A currency with its payment system or network, as monitors spell it.
struct Code {
    std::string name;                             ///< "SBPRUB", "USDTTRC20"
    int rate_places = 8;                          ///< decimals of a rate in this currency
    int amount_places = 8;                        ///< decimals of an amount
    std::optional<Rate> reserve{};                ///< what the exchanger can pay out; none: not published
    std::optional<std::size_t> reserve_source{};  ///< in place of `reserve`: a position in Exports

    friend bool operator==(const Code&, const Code&) = default;
};

/// Where the exchanger's site reports a reserve.
struct ReserveSource {
    Endpoint endpoint;
    std::string pointer;  ///< a JSON pointer (RFC 6901) to a number, or to a decimal in quotes
    Duration max_age{};

    friend bool operator==(const ReserveSource&, const ReserveSource&) = default;
};

/// A percentage of the price, in billionths of it.
inline constexpr std::uint32_t one_in_ppb = 1'000'000'000;

/// The markup of the amounts below a bound.
struct Tier {
    std::optional<Rate> below{};  ///< an amount of `from`; none: all greater amounts
    std::uint32_t markup_ppb = 0;
};

/// A fee beside the rate. A fixed markup is an amount: in `from`, which the customer gives in addition, or in
/// `to`, which is kept back. No rate can contain it, because its share depends on the amount of the order. A
/// percentage is that of a payment system.
struct Fee {
    Rate amount;
    bool is_percent = false;
};

/// For how long the rate of an order is kept. At least one of both.
struct Floating {
    std::optional<unsigned> minutes{};
    std::optional<Rate> percent{};  ///< until the market moves by this much
};

/// A direction of exchange that an export publishes.
struct Item {
    Code from;  ///< what the customer gives
    Code to;
    DirectionId direction{};
    Side side = Side::sell;     ///< whether `from` is its base or its quote
    std::vector<Tier> tiers{};  ///< ascending; only the last one has no bound
    std::optional<Rate> min{};  ///< limits of one order, in `from`
    std::optional<Rate> max{};
    std::vector<Fee> from_fees{};  ///< at most one percentage and one amount
    std::vector<Fee> to_fees{};
    std::vector<std::string> labels{};  ///< of `known_labels`
    std::optional<Floating> floating{};
    std::optional<unsigned> delay_minutes{};
    std::string city{};  ///< of cash; empty: none
    std::optional<OpeningHours> hours{};
};

inline constexpr std::string_view known_labels[]{"manual",  "juridical", "verifying", "cardverify", "reg",
                                                 "otherin", "otherout",  "card2card", "delivery",   "hold"};

/// A document that is served under a name.
struct Export {
    std::string name;
    Format format{};
    std::string secret{};                 ///< of its path, or of X-Authorization; empty: none
    std::vector<AddressRange> allowed{};  ///< the clients' addresses; empty: all
    std::optional<VenueId> exchanger{};   ///< none: the active one
    std::vector<Item> items{};
};

struct Exports {
    std::vector<Export> all{};
    std::vector<AddressRange> proxies{};  ///< whose X-Forwarded-For is trusted
    std::vector<ReserveSource> reserve_sources{};

    /// Null if no export has this name.
    const Export* find(std::string_view name) const;
};

}  // namespace kurs::exports
