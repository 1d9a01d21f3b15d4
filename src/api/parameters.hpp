#pragma once

#include <boost/system/result.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/api/text.hpp"
#include "kurs/domain/market_map.hpp"

// How single parameters are read, in every version. What fails has a sentence that says what to change.
namespace kurs::api {

/// What was read, or a sentence for the client that says what to change.
template <class T>
using Parsed = boost::system::result<T, std::string>;

struct Parameter {
    std::string name;
    std::string value;
};

/// Splits and decodes what follows the `?`. Fails on malformed encoding and on characters a URL does not
/// allow.
Parsed<std::vector<Parameter>> parse_query_string(std::string_view raw);

/// Decodes a part of a path; nothing if its encoding is malformed.
std::optional<std::string> decode_segment(std::string_view raw);

/// The day of the first block: before it there was no chain, so no price.
inline constexpr TimePoint earliest_moment = std::chrono::sys_days(std::chrono::year(2009) / 1 / 3);

/// A spelling that the first clients sent, and what it means.
inline constexpr std::string_view old_spelling = "coingeko";
inline constexpr std::string_view its_exchanger = "coingecko";

std::string quoted(std::string_view input);

/// Without blanks around it, as an item may stand after the comma of a list. Forms write a blank as +.
std::string_view trimmed_item(std::string_view text);

/// The sentence that refuses a parameter. `allowed` lists the others.
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

/// The parameters of a query that takes each of them once.
class OnceParameters {
public:
    static Parsed<OnceParameters> parse(std::string_view raw,
                                        std::initializer_list<std::string_view> allowed);

    const std::string* find(std::string_view name) const;

private:
    explicit OnceParameters(std::vector<Parameter> parameters) : parameters_(std::move(parameters)) {}

    std::vector<Parameter> parameters_;
};

/// `read`s a parameter's value, if there is one.
template <class Read, class T = typename std::invoke_result_t<Read, const std::string&>::value_type>
Parsed<std::optional<T>> read_if(const std::string* given, Read read) {
    if (!given) return std::optional<T>{};
    auto value = read(*given);
    if (!value) return value.error();
    return std::optional<T>(*value);
}

}  // namespace kurs::api
