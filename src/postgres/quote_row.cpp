#include "postgres/quote_row.hpp"

#include <nlohmann/json.hpp>

#include "kurs/domain/time_text.hpp"
#include "postgres/failure.hpp"
#include "postgres/value_text.hpp"

namespace kurs::postgres {
namespace {

RecordedLeg read_leg(const nlohmann::json& leg) {
    const auto observed_at = parse_rfc3339(leg.at("observed_at").get_ref<const std::string&>());
    if (!observed_at) throw Unfit("the database holds a leg without a time");
    return {leg.at("venue"),
            leg.at("symbol"),
            leg.at("inverted"),
            read_rate(leg.at("bid").get_ref<const std::string&>()),
            read_rate(leg.at("ask").get_ref<const std::string&>()),
            *observed_at};
}

std::vector<RecordedLeg> read_legs(const pqxx::field& field) {
    std::vector<RecordedLeg> legs;
    if (field.is_null()) return legs;
    for (const auto& leg : nlohmann::json::parse(std::string_view(field.c_str(), field.size())))
        legs.push_back(read_leg(leg));
    return legs;
}

}  // namespace

std::string quote_columns() {
    return "venue, direction, bid, value, ask, " + as_time("observed_at") + ", " + as_time("fresh_until") +
           ", legs";
}

std::optional<RecordedQuote> read_quote(const pqxx::row& row) {
    if (row[3].is_null()) return std::nullopt;
    return RecordedQuote{row[0].c_str(),
                         row[1].c_str(),
                         read_rate(row[2].c_str()),
                         read_rate(row[3].c_str()),
                         read_rate(row[4].c_str()),
                         read_time(row[5]),
                         read_time(row[6]),
                         read_legs(row[7])};
}

}  // namespace kurs::postgres
