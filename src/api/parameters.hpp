#pragma once

#include <boost/system/result.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/api/text.hpp"
#include "kurs/domain/market_map.hpp"

// Parsing of single parameters, for every API version. Errors are sentences that tell the client what to
// change.
namespace kurs::api {

/// The parsed value, or a sentence that tells the client what to change.
template <class T>
using Parsed = boost::system::result<T, std::string>;

struct Parameter {
    std::string name;
    std::string value;
};

/// Splits and decodes the query. Fails on malformed encoding and on characters that a URL does not allow.
Parsed<std::vector<Parameter>> parse_query_string(std::string_view raw);

/// Decodes a path segment. Empty if its encoding is malformed.
std::optional<std::string> decode_segment(std::string_view raw);

/// The day of the first Bitcoin block. There are no earlier prices.
inline constexpr TimePoint earliest_moment = std::chrono::sys_days(std::chrono::year(2009) / 1 / 3);

std::string quoted(std::string_view input);

/// Trims blanks, since an item may follow the comma of a list. Forms encode a blank as +.
std::string_view trimmed_item(std::string_view text);

/// The error for an unknown parameter. `allowed` lists the known ones.
std::string unknown_parameter(std::string_view name, std::string_view allowed);

std::string served_directions(const MarketMap& map);
std::string served_exchangers(const MarketMap& map);

Parsed<DirectionId> read_direction(const MarketMap& map, std::string_view text);
Parsed<VenueId> read_exchanger(const MarketMap& map, std::string_view text);
Parsed<Duration> read_max_age(std::string_view text);

/// An RFC 3339 time, not before `earliest_moment`.
Parsed<TimePoint> read_moment(std::string_view name, std::string_view text);

/// A whole number from `least` to `most`.
Parsed<std::int64_t> read_number(std::string_view name, std::string_view text, std::int64_t least,
                                 std::int64_t most);

/// The parameters of a query in which each may occur once.
class OnceParameters {
public:
    static Parsed<OnceParameters> parse(std::string_view raw,
                                        std::initializer_list<std::string_view> allowed);

    const std::string* find(std::string_view name) const;

private:
    explicit OnceParameters(std::vector<Parameter> parameters) : parameters_(std::move(parameters)) {}

    std::vector<Parameter> parameters_;
};

/// Applies `read` to a parameter's value, if there is one.
template <class Read, class T = typename std::invoke_result_t<Read, const std::string&>::value_type>
Parsed<std::optional<T>> read_if(const std::string* given, Read read) {
    if (!given) return std::optional<T>{};
    auto value = read(*given);
    if (!value) return value.error();
    return std::optional<T>(*value);
}

}  // namespace kurs::api
