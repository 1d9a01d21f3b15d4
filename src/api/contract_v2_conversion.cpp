#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>

#include "api/contract_v2.hpp"
#include "api/used_courses.hpp"

namespace kurs::api::v2 {
namespace {

constexpr std::size_t usual_conversion_size = 2048;

std::string upper(std::string_view text) {
    return boost::algorithm::to_upper_copy(std::string(trimmed_item(text)), std::locale::classic());
}

}  // namespace

std::string text_of(const std::optional<Rate>& amount) {
    return amount ? to_string(*amount) : "0";
}

Parsed<ConversionQuery> parse_conversion_query(const MarketMap& map, std::string_view raw) {
    const auto given = OnceParameters::parse(raw, {"from", "to", "amount", "side", "exchanger", "max_age"});
    if (!given) return given.error();
    for (const auto* const name : {"from", "to", "amount"}) {
        if (!given->find(name))
            return "The parameter " + std::string(name) + " is missing. Give from, to and amount.";
    }
    const auto from = upper(*given->find("from"));
    if (!map.has_asset(from)) return unknown_asset(map, *given->find("from"));
    const auto to = upper(*given->find("to"));
    if (!map.has_asset(to)) return unknown_asset(map, *given->find("to"));
    if (from == to) return "The parameters from and to are both " + to + ". Give two different assets.";
    const auto amount = read_amount(*given->find("amount"));
    if (!amount) return amount.error();
    const auto side = read_if(given->find("side"), read_side);
    if (!side) return side.error();
    const auto venue =
        read_if(given->find("exchanger"), [&](const auto& text) { return read_exchanger(map, text); });
    if (!venue) return venue.error();
    const auto max_age = read_if(given->find("max_age"), read_max_age);
    if (!max_age) return max_age.error();
    if (path_at(map, std::nullopt, from, to).empty()) return no_path(map, from, to);
    return ConversionQuery{from, to, *amount, side->value_or(Side::sell), *venue, *max_age};
}

boost::system::result<std::string, Problem> render_conversion(const Board& board,
                                                              const ConversionQuery& query, TimePoint now) {
    const auto& map = board.map();
    const auto venue = query.venue ? query.venue : board.active();
    const auto path = path_at(map, venue, query.from, query.to);
    const auto courses = UsedCourses::find(board, venue, path, {query.venue, {}, query.max_age}, now);
    if (!courses) return courses.error();
    const auto conversion = courses->convert(query.amount, query.side, map.places_of(query.to));
    if (!conversion) {
        return Problem{400,
                       "The result or the rate exceeds 340282366920938463463. Give a smaller amount, or "
                       "convert in the other direction."};
    }
    JsonWriter json(usual_conversion_size);
    json.open('{');
    json.member("version", board.version());
    json.member("exchanger", map.name(venue.value()));
    json.member("as_of", now);
    json.member("from", query.from);
    json.member("to", query.to);
    json.member("side", to_string(query.side));
    json.member("amount", query.amount);
    json.member("result", text_of(conversion->result));
    json.member("rate", text_of(conversion->rate));
    json.member("observed_at", courses->observed_at());
    json.member("age_ms", std::max(now - courses->observed_at(), Duration{0}).count());
    json.member("fresh_until", courses->fresh_until());
    courses->write(json, now);
    json.close('}');
    return json.take();
}

}  // namespace kurs::api::v2
