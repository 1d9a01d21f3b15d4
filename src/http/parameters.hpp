#pragma once

#include <charconv>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/http/query_string.hpp"

// How single parameters are read, in every version. What fails has a sentence that says what to change.
namespace kurs::http {

/// The day of the first block: before it there was no chain, so no price.
inline constexpr TimePoint earliest_moment = std::chrono::sys_days(std::chrono::year(2009) / 1 / 3);

/// A spelling that the first clients sent, and what it means.
inline constexpr std::string_view old_spelling = "coingeko";
inline constexpr std::string_view its_exchanger = "coingecko";

void append_item(std::string& list, std::string_view item);
std::string quoted(std::string_view input);

/// Without blanks around it, as one stands behind the comma of a list; forms write a blank as +.
std::string_view trimmed(std::string_view input);

/// The sentence that refuses a parameter. `allowed` lists the others.
std::string unknown_parameter(std::string_view name, std::string_view allowed);

std::string served_directions(const MarketMap& map);
std::string served_exchangers(const MarketMap& map);

/// Digits alone, behind a - if T takes one; nothing if it is anything else, or too large.
template <class T>
std::optional<T> whole_number(std::string_view text) {
    T number = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

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

}  // namespace kurs::http
