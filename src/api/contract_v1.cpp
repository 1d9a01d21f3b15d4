#include "api/contract_v1.hpp"

#include <algorithm>

namespace kurs::api {
namespace {

using Refusal = std::optional<std::string>;

/// "direction" of "direction[]" and "direction[0]": axios, PHP and others encode lists this way.
std::string_view without_index(std::string_view name) {
    const auto bracket = name.find('[');
    if (bracket == std::string_view::npos || !name.ends_with(']')) return name;
    const auto index = name.substr(bracket + 1, name.size() - bracket - 2);
    return index.find_first_not_of("0123456789") == std::string_view::npos ? name.substr(0, bracket) : name;
}

/// "a", "a, or b", "a, b, or c"
std::string one_of(const std::vector<std::string>& choices) {
    std::string list = choices.front();
    for (std::size_t i = 1; i < choices.size(); ++i)
        list += (i + 1 == choices.size() ? ", or " : ", ") + choices[i];
    return list;
}

/// Parses the parameters of a query one by one.
class QueryReader {
public:
    QueryReader(const MarketMap& map, std::string_view further) : map_(map), further_(further) {}

    Refusal read(const Parameter& parameter) {
        const auto& [name, value] = parameter;
        const auto list_name = without_index(name);
        if (list_name == "direction" || list_name == "directions") return read_directions(value);
        if (name == "exchanger") return read_exchanger(value);
        if (name == "max_age") return read_max_age(value);
        return unknown_parameter(
            name, "direction (or directions, direction[]), exchanger, max_age" + std::string(further_));
    }

    CoursesQuery take() {
        auto& directions = query_.directions;
        std::ranges::sort(directions);
        directions.erase(std::ranges::unique(directions).begin(), directions.end());
        if (directions.size() == map_.directions.size()) directions.clear();
        return std::move(query_);
    }

private:
    Refusal read_directions(std::string_view list) {
        while (true) {
            const auto comma = list.find(',');
            if (auto refusal = read_direction(trimmed_item(list.substr(0, comma)))) return refusal;
            if (comma == std::string_view::npos) return std::nullopt;
            list.remove_prefix(comma + 1);
        }
    }

    Refusal read_direction(std::string_view text) {
        if (text.empty()) {
            return "The parameter direction contains an empty item. Name one or more of: " +
                   served_directions(map_) + "; or omit the parameter to get all.";
        }
        const auto direction = api::read_direction(map_, text);
        if (!direction) return direction.error();
        query_.directions.push_back(*direction);
        return std::nullopt;
    }

    Refusal read_exchanger(const std::string& text) {
        const auto venue = api::read_exchanger(map_, text);
        if (!venue) return venue.error();
        if (query_.venue && query_.venue != *venue) {
            return "The parameter exchanger is given twice with different values. Give one of: " +
                   served_exchangers(map_) + ".";
        }
        query_.venue = *venue;
        return std::nullopt;
    }

    Refusal read_max_age(const std::string& text) {
        if (query_.max_age) return "The parameter max_age is given twice. Give it once.";
        const auto max_age = api::read_max_age(text);
        if (!max_age) return max_age.error();
        query_.max_age = *max_age;
        return std::nullopt;
    }

    const MarketMap& map_;
    std::string_view further_;
    CoursesQuery query_;
};

}  // namespace

Parsed<CoursesQuery> parse_courses_query(const MarketMap& map, std::string_view raw) {
    const auto parameters = parse_query_string(raw);
    if (!parameters) return parameters.error();
    return read_courses_query(map, *parameters);
}

Parsed<CoursesQuery> read_courses_query(const MarketMap& map, const std::vector<Parameter>& parameters,
                                        std::string_view further) {
    QueryReader reader(map, further);
    for (const auto& parameter : parameters) {
        if (auto refusal = reader.read(parameter)) return *std::move(refusal);
    }
    return reader.take();
}

std::optional<std::string> render_courses(const MarketMap& map, const Selection& selection) {
    std::string courses;
    for (const Quote& quote : selection.quotes) {
        if (!courses.empty()) courses += ',';
        courses.append(R"({"direction":)").append(json_string(map.direction(quote.direction).text()));
        courses.append(R"(,"value":)").append(to_rounded_string(quote.value)).append("}");
    }
    if (courses.empty()) return std::nullopt;
    return R"({"exchanger":)" + json_string(map.name(selection.venue)) + R"(,"courses":[)" + courses + "]}";
}

Problem explain_no_courses(const MarketMap& map, std::optional<VenueId> venue, const CoursesQuery& query,
                           std::size_t disputed) {
    Problem problem{503, "No exchanger has served a fresh course yet. Retry in a second.",
                    "Retry-After: 1\r\n"};
    if (!venue) return problem;
    std::string asked;
    for (const DirectionId direction : query.directions) append_item(asked, map.direction(direction).text());
    std::vector<std::string> advice{"Retry in a second"};
    if (query.max_age) advice.push_back("allow a larger max_age");
    if (query.venue && map.exchangers.size() > 1) advice.push_back("omit the parameter exchanger");
    problem.detail =
        "The exchanger " + map.name(*venue) + " has no fresh course for the requested directions (" +
        (asked.empty() ? "all directions" : asked) + "). " +
        (disputed > 0 ? "Other exchangers contradict some of its rates: /api/v2/courses has the reasons. "
                      : "") +
        one_of(advice) + ".";
    return problem;
}

}  // namespace kurs::api
