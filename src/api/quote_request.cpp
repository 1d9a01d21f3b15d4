// Reading the request that locks a quote.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "api/contract_v2.hpp"
#include "api/used_courses.hpp"
#include "kurs/pricing/fraction.hpp"

namespace kurs::api::v2 {
namespace {

using Json = nlohmann::json;

constexpr int most_depth = 2;  ///< the request has no deeper objects

constexpr auto an_example = R"({"direction": "BTC-RUB", "side": "sell", "amount": "0.05", "ttl": 60})";

/// The first fault of a body, as a sentence that tells the client what to change.
class Fault {
public:
    void note(std::string sentence) {
        if (text_.empty()) text_ = std::move(sentence);
    }
    bool is_found() const { return !text_.empty(); }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// The object, whose members differ from each other.
Json parse_body(std::string_view body, Fault& fault) {
    std::vector<std::set<std::string>> names;
    bool is_deep = false;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > most_depth) is_deep = true;
        if (event == Json::parse_event_t::object_start) names.emplace_back();
        if (event == Json::parse_event_t::object_end) names.pop_back();
        if (event == Json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second)
            fault.note("The member " + api::quoted(parsed.get<std::string>()) +
                       " is given twice. Give it once.");
        return !is_deep;
    };
    auto parsed = Json::parse(body, watch, false);
    if (is_deep || !parsed.is_object()) {
        fault.note("The body is not a JSON object of this form. Send for example " + std::string(an_example) +
                   ".");
        return Json::object();
    }
    return parsed;
}

void check_members(const Json& object, std::initializer_list<std::string_view> known, Fault& fault) {
    std::string list;
    for (const auto each : known) append_item(list, each);
    for (const auto& [name, value] : object.items()) {
        if (std::ranges::find(known, std::string_view(name)) == known.end())
            fault.note("Unknown member " + api::quoted(name) + ". Allowed: " + list +
                       ". Remove the unknown one.");
    }
}

/// A member that must be a string. Empty if it is absent or null.
std::optional<std::string> read_text(const Json& object, const std::string& name, Fault& fault) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return std::nullopt;
    if (found->is_string()) return found->get<std::string>();
    fault.note("The member " + name + " must be a string. Put its value in quotes.");
    return std::nullopt;
}

std::string read_required(const Json& object, const std::string& name, Fault& fault) {
    auto text = read_text(object, name, fault);
    if (!text)
        fault.note("The member " + name + " is missing. Send for example " + std::string(an_example) + ".");
    return std::move(text).value_or("");
}

/// The value, or its default if there is a fault.
template <class T>
T value_or_note(Parsed<T> parsed, T otherwise, Fault& fault) {
    if (parsed) return *std::move(parsed);
    fault.note(parsed.error());
    return otherwise;
}

Duration read_ttl(const Json& object, Duration longest, Fault& fault) {
    const auto most = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(longest).count());
    const auto found = object.find("ttl");
    const bool is_whole = found != object.end() && found->is_number_unsigned();
    const auto seconds = is_whole ? found->get<std::uint64_t>() : 0;
    if (seconds >= 1 && seconds <= most) return std::chrono::seconds(static_cast<std::int64_t>(seconds));
    fault.note("The member ttl must be a whole number of seconds from 1 to " + std::to_string(most) + ".");
    return {};
}

/// The assets that the customer of an item gives and gets.
std::pair<std::string_view, std::string_view> assets_of(const MarketMap& map, const exports::Item& item) {
    const auto& direction = map.direction(item.direction);
    if (item.side == Side::sell) return {direction.base(), direction.quote()};
    return {direction.quote(), direction.base()};
}

/// Finds the item that the request names.
void read_item(const MarketMap& map, const exports::Exports* exports, const Json& named,
               QuoteRequest& request, Fault& fault) {
    if (!named.is_object())
        return fault.note("The member export must be an object with the members name, from and to.");
    check_members(named, {"name", "from", "to", "city"}, fault);
    const auto name = read_required(named, "name", fault);
    const auto from = read_required(named, "from", fault), to = read_required(named, "to", fault);
    const auto city = read_text(named, "city", fault).value_or("");
    if (fault.is_found()) return;
    request.source = exports ? exports->find(name) : nullptr;
    if (!request.source)
        return fault.note("There is no export " + api::quoted(name) +
                          ". Name one that the operator has set up.");
    const auto found = std::ranges::find_if(request.source->items, [&](const exports::Item& item) {
        return item.from.name == from && item.to.name == to && item.city == city;
    });
    if (found == request.source->items.end())
        return fault.note("The export " + name + " has no item from " + api::quoted(from) + " to " +
                          api::quoted(to) + " in that city. Name one of its items.");
    request.item = &*found;
    request.venue = request.source->exchanger;
    const auto [given, got] = assets_of(map, *found);
    const bool gives = request.side == Side::sell;
    if ((gives ? request.from : request.to) != given || (gives ? request.to : request.from) != got)
        fault.note("The customer of this item gives " + std::string(given) + " and gets " + std::string(got) +
                   ". Give a direction and a side of the same meaning.");
}

void check_decimals(const MarketMap& map, const QuoteRequest& request, Fault& fault) {
    const auto* const item = request.item;
    const auto* const code = !item ? nullptr : request.side == Side::sell ? &item->from : &item->to;
    const int places = code ? code->amount_places : map.places_of(request.from);
    if (Wide(request.amount.units()) % power_of_ten(Rate::decimals - places) != 0)
        fault.note("The amount has more than " + std::to_string(places) + " decimals, which is what " +
                   (code ? code->name : request.from) + " has. Round it.");
}

}  // namespace

Parsed<QuoteRequest> parse_quote_request(const MarketMap& map, const exports::Exports* exports,
                                         Duration longest, std::string_view text) {
    Fault fault;
    const auto body = parse_body(text, fault);
    check_members(body, {"direction", "side", "amount", "ttl", "exchanger", "export"}, fault);
    const auto named = read_required(body, "direction", fault);
    const auto side = read_required(body, "side", fault);
    const auto amount = read_required(body, "amount", fault);
    const auto ttl = read_ttl(body, longest, fault);
    const auto exchanger = read_text(body, "exchanger", fault);
    const auto item = body.find("export");
    if (fault.is_found()) return fault.text();

    const auto direction = Direction::parse(named);
    if (!direction)
        return "Malformed direction " + api::quoted(named) + ". Give two assets, such as BTC-RUB.";
    const std::string from(direction->base()), to(direction->quote());
    for (const auto& asset : {from, to})
        if (!map.has_asset(asset)) return unknown_asset(map, asset);
    if (from == to || path_at(map, std::nullopt, from, to).empty()) return no_path(map, from, to);
    const auto read = read_amount(amount);
    if (!read) return read.error();
    QuoteRequest request{from, to, value_or_note(read_side(side), Side::sell, fault), *read, ttl};
    if (exchanger) request.venue = value_or_note(read_exchanger(map, *exchanger), VenueId{}, fault);
    if (item != body.end() && !item->is_null()) {
        if (exchanger) fault.note("An export has its own exchanger. Omit the member exchanger.");
        read_item(map, exports, *item, request, fault);
    }
    check_decimals(map, request, fault);
    if (fault.is_found()) return fault.text();
    return request;
}

}  // namespace kurs::api::v2
