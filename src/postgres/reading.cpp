#include "postgres/reading.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kurs/domain/time_text.hpp"
#include "postgres/connection.hpp"

namespace kurs::postgres {
namespace {

using nlohmann::json;

std::vector<RecordedLeg> read_legs(const pqxx::field& field) {
    std::vector<RecordedLeg> legs;
    if (field.is_null()) return legs;
    for (const auto& leg : json::parse(std::string_view(field.c_str(), field.size()))) {
        const auto read = [&leg](const char* name) { return leg.at(name).get<std::string>(); };
        const auto observed_at = parse_rfc3339(read("observed_at"));
        if (!observed_at) throw Unfit("the database holds a leg without a time");
        legs.push_back({read("venue"), read("symbol"), leg.at("inverted"), read_rate(read("bid")),
                        read_rate(read("ask")), *observed_at});
    }
    return legs;
}

/// The legs of the newest row of each series, if it has a value.
std::string newest_legs() {
    return "select newest.legs from series cross join lateral (select " +
           newest_second("series.venue", "series.id", "now() - interval '1 day'", "'infinity'") +
           " as second) as found cross join lateral ("
           "  select legs from named_quotes as q"
           "  where q.venue = series.venue and q.series_id = series.id and q.second = found.second offset 0"
           ") as newest";
}

}  // namespace

std::string as_time(const std::string& expression) {
    return "trunc(extract(epoch from " + expression + ") * 1000)::bigint";
}

TimePoint read_time(const pqxx::field& field) {
    return TimePoint{Duration{field.as<std::int64_t>()}};
}

std::string as_interval(Duration duration) {
    return std::to_string(duration.count()) + " milliseconds";
}

Rate read_rate(std::string_view text) {
    const auto rate = Rate::parse(text);
    if (!rate) throw Unfit("the database holds '" + std::string(text) + "' where a price is expected");
    return *rate;
}

std::optional<std::string> read_venue(const pqxx::field& field) {
    if (field.c_str() == std::string_view(no_venue)) return std::nullopt;
    return field.c_str();
}

std::string newest_second(const std::string& venue, const std::string& series_id, const std::string& after,
                          const std::string& until) {
    // Rows are found by their second, which is at or before `until` even if the row's own time is after it.
    const auto newest = " and series_id = " + series_id + " and second <= " + until +
                        "::timestamptz and second > " + after + " and recorded_at <= " + until +
                        "::timestamptz order by second desc limit 1)";
    return "(select max(second) from ((select second from packed_quotes where venue = " + venue + newest +
           " union all (select second from unpacked_quotes where true" + newest + ") as newest)";
}

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

history::Recovered read_recovered(pqxx::transaction_base& transaction, const MarketMap& map) {
    history::Recovered recovered;
    for (const auto& row : transaction.exec(newest_legs())) {
        for (const auto& leg : read_legs(row[0])) {
            const auto symbol = map.find_symbol(leg.venue, leg.symbol);
            if (symbol) recovered.ticks.push_back({*symbol, leg.bid, leg.ask, leg.observed_at});
        }
    }
    const auto changes =
        transaction.exec("select " + as_time("at") +
                         ", venue, reason from active_changes order by at desc, venue desc limit 100");
    for (const auto& row : changes)
        recovered.changes.push_back({read_time(row[0]), read_venue(row[1]), row[2].c_str()});
    std::ranges::reverse(recovered.changes);
    return recovered;
}

}  // namespace kurs::postgres
