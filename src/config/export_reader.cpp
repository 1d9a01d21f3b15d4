#include "config/export_reader.hpp"

#include <algorithm>

#include "kurs/domain/duration_text.hpp"
#include "kurs/venue/url_text.hpp"

namespace kurs {
namespace {

using exports::Format;
using Kind = Json::value_t;

template <class Range>
std::string joined(const Range& names) {
    std::string list;
    for (const auto& name : names) list.append(list.empty() ? "" : ", ").append(name);
    return list;
}

/// The characters of `others`, upper-case letters and digits.
bool consists_of_capitals(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [&](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
    });
}

bool is_secret(std::string_view text) {
    return text.size() >= 16 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

/// Near 1, two decimals would cost up to one percent.
constexpr int fewest_rate_places = 4;

/// Decimals of a rate that the operator does not set.
int usual_rate_places(Format format, int amount_places) {
    constexpr int most_of_json = 6;
    constexpr int of_iex = 12;
    if (format == Format::iex_json || format == Format::iex_txt) return of_iex;
    const int places = std::max(amount_places, fewest_rate_places);
    return format == Format::json_1_3 ? std::min(places, most_of_json) : places;
}

}  // namespace

ExportReader::ExportReader(const std::string& name, const MarketMap& map,
                           std::vector<exports::ReserveSource>& sources, std::vector<Problem>& problems)
    : map_(map), sources_(sources), problems_(problems) {
    made_.name = name;
}

void ExportReader::problem(std::string where, std::string value, std::string rule) {
    problems_.push_back({"exports, " + made_.name + ", " + where, std::move(value), std::move(rule)});
}

exports::Export ExportReader::read(const Json& entry) {
    check_keys(entry,
               {"format", "secret", "allow", "exchanger", "markup", "codes", "digits", "reserve", "items"},
               "key", *this);
    read_format(entry);
    read_access(entry);
    read_exchanger(entry);
    markup_ppb_ = read_markup(entry, "markup", 0);
    read_codes(entry);
    read_digits(entry);
    read_reserves(entry);
    read_items(entry);
    return std::move(made_);
}

void ExportReader::read_format(const Json& entry) {
    const auto text = entry.contains("format") ? text_of(entry.at("format"), "format", *this) : "";
    const auto found = std::ranges::find(exports::format_names, text);
    if (found == std::end(exports::format_names))
        return problem("format", text, "must be one of " + joined(exports::format_names));
    made_.format = static_cast<Format>(found - std::begin(exports::format_names));
}

void ExportReader::read_access(const Json& entry) {
    if (entry.contains("secret")) {
        made_.secret = text_of(entry.at("secret"), "secret", *this);
        if (!is_secret(made_.secret))
            problem("secret", "(hidden)", "must be 16 to 64 letters, digits, - and _");
    }
    for (const auto& each : member(entry, "allow", Kind::array, *this)) {
        const auto text = text_of(each, "allow", *this);
        const auto range = exports::parse_address_range(text);
        if (range) {
            made_.allowed.push_back(*range);
        } else {
            problem("allow", text, "must be an address, or a network such as 192.0.2.0/24");
        }
    }
}

void ExportReader::read_exchanger(const Json& entry) {
    if (!entry.contains("exchanger")) return;
    const auto text = text_of(entry.at("exchanger"), "exchanger", *this);
    const auto venue = map_.find_venue(text);
    if (venue && std::ranges::find(map_.exchangers, *venue) != map_.exchangers.end()) {
        made_.exchanger = venue;
        return;
    }
    std::vector<std::string> names;
    for (const VenueId exchanger : map_.exchangers) names.push_back(map_.name(exchanger));
    problem("exchanger", text, "must be one of " + joined(names));
}

void ExportReader::read_codes(const Json& entry) {
    for (const auto& [asset, names] : member(entry, "codes", Kind::object, *this).items()) {
        if (!map_.has_asset(asset)) {
            problem("codes", asset,
                    "must be the base or quote of a served direction: " + joined(map_.assets()));
            continue;
        }
        if (!names.is_array()) {
            problem("codes '" + asset + "'", shown(names), "must be a list such as [\"SBPRUB\"]");
            continue;
        }
        for (const auto& name : names) read_code(asset, text_of(name, "codes '" + asset + "'", *this));
    }
    if (codes_.empty()) problem("codes", "", "needs at least two");
}

void ExportReader::read_code(const std::string& asset, const std::string& name) {
    const auto where = "codes '" + asset + "'";
    const bool is_iex = made_.format == Format::iex_json || made_.format == Format::iex_txt;
    const std::size_t shortest = is_iex ? 3 : 2, longest = is_iex ? 10 : 16;
    if (name.size() < shortest || name.size() > longest || !consists_of_capitals(name, "_")) {
        return problem(where, name,
                       "must be " + std::to_string(shortest) + " to " + std::to_string(longest) +
                           " capital letters, digits and _");
    }
    if (name == "USDT") {
        return problem(where, name,
                       "names no network, and monitors disagree about which one it means; write USDTTRC20 or "
                       "USDTERC20");
    }
    if (std::ranges::any_of(codes_, [&](const KnownCode& known) { return known.code.name == name; }))
        return problem(where, name, "is listed twice");
    const int places = map_.places_of(asset);
    codes_.push_back({{name, usual_rate_places(made_.format, places), places, {}}, asset});
}

void ExportReader::read_digits(const Json& entry) {
    for (const auto& [name, count] : member(entry, "digits", Kind::object, *this).items()) {
        const auto known =
            std::ranges::find_if(codes_, [&](const KnownCode& each) { return each.code.name == name; });
        const int most = made_.format == Format::json_1_3 ? 6 : Rate::decimals;
        if (known == codes_.end()) {
            problem("digits", name, "is none of the codes");
        } else if (!count.is_number_unsigned() || count.get<std::uint64_t>() > static_cast<unsigned>(most)) {
            problem("digits '" + name + "'", shown(count),
                    "must be a whole number from 0 to " + std::to_string(most));
        } else {
            known->code.rate_places = known->code.amount_places = count.get<int>();
        }
    }
}

void ExportReader::read_reserves(const Json& entry) {
    const auto& reserves = member(entry, "reserve", Kind::object, *this);
    for (const auto& [name, amount] : reserves.items()) {
        const auto known =
            std::ranges::find_if(codes_, [&](const KnownCode& each) { return each.code.name == name; });
        if (known == codes_.end()) {
            problem("reserve", name, "is none of the codes");
        } else if (amount.is_object()) {
            known->code.reserve_source = read_source(amount, "reserve, " + name);
        } else {
            known->code.reserve = read_amount(reserves, "reserve", name, known->code);
        }
    }
}

std::optional<std::size_t> ExportReader::read_source(const Json& entry, const std::string& where) {
    check_keys(entry, {"url", "pointer", "max_age"}, where, *this);
    const auto read = [&](const std::string& key) {
        return entry.contains(key) ? text_of(entry.at(key), where + ", " + key, *this) : "";
    };
    const auto endpoint = parse_endpoint(read("url"), "http", "https");
    if (!endpoint)
        problem(where + ", url", read("url"), "must be an http:// or https:// URL without a query");
    const auto pointer = read("pointer");
    if (!pointer.starts_with('/'))
        problem(where + ", pointer", pointer, "must be a JSON pointer such as \"/reserves/SBPRUB\"");
    const auto max_age = parse_duration(read("max_age"));
    constexpr Duration least = std::chrono::seconds(1), most = std::chrono::hours(24);
    if (!max_age || *max_age < least || *max_age > most)
        problem(where + ", max_age", read("max_age"), "must be a time from 1s to 24h");
    const exports::ReserveSource source{endpoint.value_or(Endpoint()), pointer, max_age.value_or(least)};
    const auto known = std::ranges::find(sources_, source);
    const auto index = static_cast<std::size_t>(known - sources_.begin());
    if (known == sources_.end()) sources_.push_back(source);
    return index;
}

void ExportReader::read_items(const Json& entry) {
    const auto found = entry.find("items");
    if (found != entry.end() && *found == "all") return add_all_items();
    if (found == entry.end() || !found->is_array() || found->empty())
        return problem("items", "", "must be a list of items, or \"all\"");
    std::size_t number = 0;
    for (const auto& item : *found) read_item(item, "item " + std::to_string(++number));
}

/// Every code into every other one that a direction connects with it.
void ExportReader::add_all_items() {
    for (const auto& from : codes_) {
        for (const auto& to : codes_) {
            for (const auto& [base, quote] : {std::pair(&from, &to), std::pair(&to, &from)}) {
                const auto direction = Direction::parse(base->asset + "-" + quote->asset);
                const auto id = direction ? map_.find_direction(*direction) : std::nullopt;
                if (!id || (made_.exchanger && !map_.find_route(*made_.exchanger, *id))) continue;
                exports::Item item{from.code, to.code, *id, base == &from ? Side::sell : Side::buy, {}};
                item.tiers.push_back({std::nullopt, markup_ppb_});
                check_item(item, "items from " + from.code.name + " to " + to.code.name);
                made_.items.push_back(std::move(item));
                break;
            }
        }
    }
    if (made_.items.empty()) problem("items", "all", "finds no direction between two of the codes");
}

}  // namespace kurs
