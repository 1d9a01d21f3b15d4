#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Reading documents with comments. Each problem goes to `sink.problem(where, value, rule)`.
namespace kurs {

using Json = nlohmann::ordered_json;

inline constexpr auto number_too_large = "has a number that is too large";

/// The JSON parser silently keeps the last of two equal keys, so duplicates are detected here. Throws
/// Json::parse_error, or Json::out_of_range for a number like 1e400.
template <class Sink>
Json parse_without_repeats(std::string_view document, Sink& sink) {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int /*depth*/, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end) keys.pop_back();
        if (event == Json::parse_event_t::key) {
            const auto key = parsed.get<std::string>();
            if (!keys.back().insert(key).second)
                sink.problem("key '" + key + "'", "", "appears twice in one object");
        }
        return true;
    };
    constexpr bool with_exceptions = true, with_comments = true;
    return Json::parse(document, watch, with_exceptions, with_comments);
}

/// The beginning of a value, to show it.
inline std::string shown(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60);
}

/// The member, if it has the wanted type. An absent member is empty; any other type is a problem.
template <class Sink>
const Json& member(const Json& object, const std::string& key, Json::value_t kind, Sink& sink) {
    static const Json empty_object = Json::object(), empty_array = Json::array();
    const Json& empty = kind == Json::value_t::object ? empty_object : empty_array;
    const auto found = object.find(key);
    if (found == object.end()) return empty;
    if (found->type() == kind) return *found;
    sink.problem("'" + key + "'", shown(*found), "must be " + std::string(empty.type_name()));
    return empty;
}

template <class Sink>
std::string text_of(const Json& value, const std::string& where, Sink& sink) {
    if (value.is_string()) return value.get<std::string>();
    sink.problem(where, shown(value), "must be a string in quotes");
    return {};
}

template <class Sink>
void check_keys(const Json& object, const std::set<std::string>& known, const std::string& where,
                Sink& sink) {
    for (const auto& [key, value] : object.items()) {
        std::string names;
        for (const auto& name : known) names += (names.empty() ? "" : ", ") + name;
        if (!known.contains(key)) sink.problem(where, key, "is unknown; known keys are " + names);
    }
}

/// A name that can stand in a path and in a log: 1 to 32 lower-case letters, digits, - and _.
inline bool is_plain_name(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

/// Calls `read` with the object that the document is. Anything else is a problem.
template <class Sink, class Read>
void read_object(std::string_view document, Sink& sink, Read read) {
    try {
        const Json parsed = parse_without_repeats(document, sink);
        if (parsed.is_object()) {
            read(parsed);
        } else {
            sink.problem("document", "", "must be a JSON object");
        }
    } catch (const Json::parse_error& error) {
        sink.problem("byte " + std::to_string(error.byte), "", "is not JSON");
    } catch (const Json::out_of_range&) {
        sink.problem("document", "", number_too_large);
    }
}

}  // namespace kurs
