#include "api/parameters.hpp"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/pct_string_view.hpp>

#include "kurs/api/problem.hpp"
#include "kurs/domain/time_text.hpp"
#include "kurs/domain/trimmed.hpp"
#include "kurs/domain/whole_number.hpp"

namespace kurs::api {
namespace {

constexpr std::int64_t longest_max_age = 86'400'000;

constexpr std::string_view form_blank = " +\t";  ///< forms encode a blank as +

/// Browsers and axios send brackets unencoded, which RFC 3986 does not allow.
std::string encode_brackets(std::string_view raw) {
    std::string encoded;
    for (const char c : raw) {
        if (c == '[')
            encoded += "%5B";
        else if (c == ']')
            encoded += "%5D";
        else
            encoded += c;
    }
    return encoded;
}

}  // namespace

Parsed<std::vector<Parameter>> parse_query_string(std::string_view raw) {
    std::vector<Parameter> parameters;
    if (raw.empty()) return parameters;
    const auto encoded = encode_brackets(raw);
    const auto query = boost::urls::parse_query(encoded);
    if (!query) {
        return std::string(
            "The query contains malformed percent-encoding or a character that a URL does not allow. Encode "
            "it "
            "according to RFC 3986, for example direction=BTC-USD%2CETH-USD.");
    }
    for (const auto& parameter : *query) {
        const bool is_empty = parameter.key.empty() && !parameter.has_value;  // as in "a=1&&b=2"
        if (!is_empty) parameters.push_back({parameter.key.decode(), parameter.value.decode()});
    }
    return parameters;
}

std::optional<std::string> decode_segment(std::string_view raw) {
    const auto segment = boost::urls::make_pct_string_view({raw.data(), raw.size()});
    if (!segment) return std::nullopt;
    return segment->decode();
}

std::string quoted(std::string_view input) {
    return "\"" + sanitised(input) + "\"";
}

std::string_view trimmed_item(std::string_view text) {
    return trimmed(text, form_blank);
}

std::string unknown_parameter(std::string_view name, std::string_view allowed) {
    auto sentence = "Unknown parameter " + quoted(name) + ". Allowed: " + std::string(allowed);
    sentence += ". Remove the unknown one.";
    if (name == "format" || name == "accept")
        sentence += " Responses are JSON; candles as CSV are at /api/v2/history/{direction}/candles.csv.";
    return sentence;
}

std::string served_directions(const MarketMap& map) {
    std::string list;
    for (const auto& direction : map.directions) append_item(list, direction.text());
    return list;
}

std::string served_exchangers(const MarketMap& map) {
    std::string list;
    for (const VenueId venue : map.exchangers) append_item(list, map.name(venue));
    return list;
}

Parsed<DirectionId> read_direction(const MarketMap& map, std::string_view text) {
    const auto direction = Direction::parse(text);
    const auto id = direction ? map.find_direction(*direction) : std::nullopt;
    if (!id) return "Unknown direction " + quoted(text) + ". Served: " + served_directions(map) + ".";
    return *id;
}

Parsed<VenueId> read_exchanger(const MarketMap& map, std::string_view text) {
    auto name = boost::algorithm::to_lower_copy(std::string(trimmed_item(text)), std::locale::classic());
    if (const auto alias = map.aliases.find(name); alias != map.aliases.end()) name = alias->second;
    const auto venue = map.find_venue(name);
    if (!venue || std::ranges::find(map.exchangers, *venue) == map.exchangers.end()) {
        return "Unknown exchanger " + quoted(text) + ". Allowed: " + served_exchangers(map) + ".";
    }
    return *venue;
}

Parsed<Duration> read_max_age(std::string_view text) {
    const auto seconds = parse_whole_number<std::int64_t>(text);
    if (!seconds || *seconds < 1 || *seconds > longest_max_age) {
        return "Malformed max_age " + quoted(text) + ". Give whole seconds from 1 to " +
               std::to_string(longest_max_age) + ".";
    }
    return Duration(std::chrono::seconds(*seconds));
}

Parsed<TimePoint> read_moment(std::string_view name, std::string_view text) {
    const auto moment = parse_rfc3339(text);
    if (!moment) {
        return "Malformed " + std::string(name) + " " + quoted(text) +
               ". Give RFC 3339 with an offset, such as 2026-11-23T10:00:00Z; encode a + as %2B in a URL.";
    }
    if (*moment < earliest_moment) {
        return "The parameter " + std::string(name) +
               " is before 2009-01-03, the day of the first Bitcoin block. Give a later time.";
    }
    return *moment;
}

Parsed<std::int64_t> read_number(std::string_view name, std::string_view text, std::int64_t least,
                                 std::int64_t most) {
    const auto number = parse_whole_number<std::int64_t>(text);
    if (!number || *number < least || *number > most) {
        return "Malformed " + std::string(name) + " " + quoted(text) + ". Give a whole number from " +
               std::to_string(least) + " to " + std::to_string(most) + ".";
    }
    return *number;
}

Parsed<OnceParameters> OnceParameters::parse(std::string_view raw,
                                             std::initializer_list<std::string_view> allowed) {
    auto parameters = parse_query_string(raw);
    if (!parameters) return parameters.error();
    for (auto it = parameters->begin(); it != parameters->end(); ++it) {
        if (std::ranges::find(allowed, it->name) == allowed.end()) {
            std::string list;
            for (const auto name : allowed) append_item(list, name);
            return unknown_parameter(it->name, list);
        }
        if (std::ranges::find(parameters->begin(), it, it->name, &Parameter::name) != it) {
            return "The parameter " + it->name + " is given twice. Give it once.";
        }
    }
    return OnceParameters(*std::move(parameters));
}

const std::string* OnceParameters::find(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, &Parameter::name);
    return found == parameters_.end() ? nullptr : &found->value;
}

}  // namespace kurs::api
