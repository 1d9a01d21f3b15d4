// The items of an export.
#include <algorithm>

#include "config/export_reader.hpp"
#include "config/zone_text.hpp"

namespace kurs {
namespace {

using exports::Fee;
using exports::Format;
using exports::Item;
using Kind = Json::value_t;

constexpr std::uint32_t most_markup_ppb = exports::one_in_ppb / 2;
constexpr unsigned most_minutes = 30 * 24 * 60;

/// "1.2%" as 1.2.
result<Rate> parse_percent(std::string_view text) {
    if (!text.ends_with('%')) return errc::malformed;
    return Rate::parse(text.substr(0, text.size() - 1));
}

bool has_more_places(Rate amount, int places) {
    u128 step = 1;
    for (int i = places; i < Rate::decimals; ++i) step *= 10;
    return amount.units() % step != 0;
}

std::string places_rule(int places) {
    return "must be a positive decimal in quotes with at most " + std::to_string(places) + " decimals";
}

bool has_reserve(const exports::Code& code) {
    return code.reserve || code.reserve_source;
}

bool is_city(std::string_view text) {
    return text.size() >= 2 && text.size() <= 16 &&
           std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// Whether the document cannot distinguish them.
bool is_same_exchange(const Item& a, const Item& b, Format format) {
    if (format == Format::exchanger_cms) return a.from.name + a.to.name == b.from.name + b.to.name;
    const bool has_cities = format == Format::eref_1_1 || format == Format::xml_1_0 || format == Format::txt;
    return a.from.name == b.from.name && a.to.name == b.to.name && (!has_cities || a.city == b.city);
}

}  // namespace

void ExportReader::read_item(const Json& entry, const std::string& number) {
    if (!entry.is_object()) return problem(number, shown(entry), "must be an object");
    const auto* const from = read_item_code(entry, number, "from");
    const auto* const to = read_item_code(entry, number, "to");
    if (!from || !to) return;
    auto where = number + ", " + from->code.name + " to " + to->code.name;
    check_keys(entry,
               {"from", "to", "direction", "side", "markup", "steps", "min", "max", "fromfee", "tofee",
                "labels", "floating", "delay", "city", "hours"},
               where, *this);
    Item item;
    item.from = from->code;
    item.to = to->code;
    if (!settle_direction(item, *from, *to, where)) return;
    check_direction(entry, item, where);
    item.min = read_amount(entry, where, "min", item.from);
    item.max = read_amount(entry, where, "max", item.from);
    read_tiers(entry, item, where);
    read_terms(entry, item, where);
    check_item(item, where);
    made_.items.push_back(std::move(item));
}

const ExportReader::KnownCode* ExportReader::read_item_code(const Json& entry, const std::string& where,
                                                            const std::string& key) {
    const auto name = entry.contains(key) ? text_of(entry.at(key), where + " " + key, *this) : "";
    const auto known =
        std::ranges::find_if(codes_, [&](const KnownCode& each) { return each.code.name == name; });
    if (known != codes_.end()) return &*known;
    problem(where + ", " + key, name, "must be one of the codes");
    return nullptr;
}

/// The direction and the side follow from the assets, so that no rate is inverted by mistake.
bool ExportReader::settle_direction(Item& item, const KnownCode& from, const KnownCode& to,
                                    const std::string& where) {
    for (const auto side : {Side::sell, Side::buy}) {
        const auto& base = side == Side::sell ? from.asset : to.asset;
        const auto& quote = side == Side::sell ? to.asset : from.asset;
        const auto direction = Direction::parse(base + "-" + quote);
        const auto id = direction ? map_.find_direction(*direction) : std::nullopt;
        if (!id) continue;
        item.direction = *id;
        item.side = side;
        if (!made_.exchanger || map_.find_route(*made_.exchanger, *id)) return true;
        problem(where, "", map_.name(*made_.exchanger) + " does not quote " + direction->text());
        return false;
    }
    problem(where, "",
            "the market map serves neither " + from.asset + "-" + to.asset + " nor " + to.asset + "-" +
                from.asset);
    return false;
}

void ExportReader::check_direction(const Json& entry, const Item& item, const std::string& where) {
    const auto check = [&](const std::string& key, const std::string& expected) {
        if (!entry.contains(key)) return;
        const auto text = text_of(entry.at(key), where + ", " + key, *this);
        if (text != expected)
            problem(where + ", " + key, text, "must be " + expected + ", which follows from the two codes");
    };
    check("direction", map_.direction(item.direction).text());
    check("side", item.side == Side::sell ? "sell" : "buy");
}

void ExportReader::read_tiers(const Json& entry, Item& item, const std::string& where) {
    const auto markup = read_markup(entry, where + ", markup", markup_ppb_);
    auto last = item.min;
    for (const auto& step : member(entry, "steps", Kind::array, *this)) {
        const auto place = where + ", step " + std::to_string(item.tiers.size() + 1);
        if (!step.is_object()) {
            problem(place, shown(step),
                    "must be an object such as {\"below\": \"1000\", \"markup\": \"1.5%\"}");
            continue;
        }
        check_keys(step, {"below", "markup"}, place, *this);
        const auto below = read_amount(step, place, "below", item.from);
        if (!below) {
            if (!step.contains("below"))
                problem(place, "", "needs \"below\": the amount below which its markup applies");
            continue;
        }
        if (last && *below <= *last)
            problem(place + ", below", to_string(*below),
                    "must be greater than the step before it, and than min");
        if (item.max && *below >= *item.max)
            problem(place + ", below", to_string(*below),
                    "must be smaller than max; the item's markup applies from there");
        item.tiers.push_back({below, read_markup(step, place + ", markup", markup)});
        last = below;
    }
    item.tiers.push_back({std::nullopt, markup});
}

void ExportReader::read_terms(const Json& entry, Item& item, const std::string& where) {
    item.from_fees = read_fees(entry, where, "fromfee");
    item.to_fees = read_fees(entry, where, "tofee");
    for (const auto& label : member(entry, "labels", Kind::array, *this)) {
        const auto text = text_of(label, where + ", labels", *this);
        std::string known;
        for (const auto name : exports::known_labels) known.append(known.empty() ? "" : ", ").append(name);
        if (std::ranges::find(exports::known_labels, text) == std::end(exports::known_labels))
            problem(where + ", labels", text, "must be of " + known);
        if (std::ranges::find(item.labels, text) != item.labels.end())
            problem(where + ", labels", text, "is listed twice");
        item.labels.push_back(text);
    }
    item.floating = read_floating(entry, where);
    item.delay_minutes = read_minutes(entry, where, "delay");
    if (entry.contains("city")) {
        item.city = text_of(entry.at("city"), where + ", city", *this);
        if (!is_city(item.city))
            problem(where + ", city", item.city, "must be 2 to 16 capital letters and digits");
        if (!item.from.name.starts_with("CASH") && !item.to.name.starts_with("CASH"))
            problem(where + ", city", item.city, "needs a code that begins with CASH");
    }
    if (!entry.contains("hours")) return;
    const auto text = text_of(entry.at("hours"), where + ", hours", *this);
    auto hours = parse_hours(text);
    if (hours) {
        item.hours = *std::move(hours);
    } else if (hours.error() == errc::out_of_bounds) {
        problem(where + ", hours", text,
                "has a zone whose file lists no transitions; use an offset such as +03:00");
    } else {
        problem(where + ", hours", text,
                "must be as \"09:00-21:00 Europe/Moscow\", with a zone of this system, or with an offset "
                "such as +03:00");
    }
}

void ExportReader::check_item(const Item& item, const std::string& where) {
    if (item.min && item.max && *item.min > *item.max)
        problem(where + ", min", to_string(*item.min),
                "must not exceed max, which is " + to_string(*item.max));
    if (std::ranges::any_of(made_.items,
                            [&](const Item& other) { return is_same_exchange(item, other, made_.format); }))
        problem(where, "", "is listed twice");
    const bool has_reserves =
        std::ranges::any_of(codes_, [](const KnownCode& each) { return has_reserve(each.code); });
    if (!has_reserve(item.to) && (has_reserves || made_.format == Format::eref_1_1))
        problem(where, "", "needs a reserve of " + item.to.name + ": add it to \"reserve\"");
    const auto fees = std::max(item.from_fees.size(), item.to_fees.size());
    const bool has_no_fees = made_.format != Format::eref_1_1 && made_.format != Format::xml_1_0 &&
                             made_.format != Format::json_1_3;
    if (fees > 0 && has_no_fees)
        problem(where, "",
                "the format " + std::string(to_string(made_.format)) + " has no fees; add them to markup");
    if (fees > 1 && made_.format == Format::xml_1_0)
        problem(where, "", "the format xml-1.0 has one fee for each of from and to");
}

std::uint32_t ExportReader::read_markup(const Json& entry, const std::string& where,
                                        std::uint32_t otherwise) {
    if (!entry.contains("markup")) return otherwise;
    const auto text = text_of(entry.at("markup"), where, *this);
    if (text == "0%") return 0;
    const auto percent = parse_percent(text);
    constexpr u128 one_percent_in_ppb = exports::one_in_ppb / 100;
    constexpr u128 step = u128{1'000'000'000'000'000'000} / one_percent_in_ppb;
    if (percent && percent->units() % step == 0 && percent->units() / step <= most_markup_ppb)
        return static_cast<std::uint32_t>(percent->units() / step);
    problem(where, text, "must be a percentage from \"0%\" to \"50%\" with at most 7 decimals");
    return otherwise;
}

/// One fee, or a list of at most one percentage and one amount.
std::vector<Fee> ExportReader::read_fees(const Json& entry, const std::string& where,
                                         const std::string& key) {
    std::vector<Fee> fees;
    if (!entry.contains(key)) return fees;
    const auto& given = entry.at(key);
    for (const auto& each : given.is_array() ? given : Json::array({given})) {
        const auto text = text_of(each, where + ", " + key, *this);
        const bool is_percent = text.ends_with('%');
        const auto amount = is_percent ? parse_percent(text) : Rate::parse(text);
        if (!amount) {
            problem(where + ", " + key, text,
                    "must be an amount such as \"10\", or a percentage such as \"1%\"");
            continue;
        }
        if (std::ranges::find(fees, is_percent, &Fee::is_percent) != fees.end())
            problem(where + ", " + key, text, "has a second amount or a second percentage");
        fees.push_back({*amount, is_percent});
    }
    std::ranges::stable_sort(fees, std::ranges::greater{}, &Fee::is_percent);  // as JSON 1.3 shows them
    return fees;
}

std::optional<Rate> ExportReader::read_amount(const Json& entry, const std::string& where,
                                              const std::string& key, const exports::Code& code) {
    if (!entry.contains(key)) return std::nullopt;
    const auto text = text_of(entry.at(key), where + ", " + key, *this);
    const auto amount = Rate::parse(text);
    if (amount && !has_more_places(*amount, code.amount_places)) return *amount;
    problem(where + ", " + key, text, places_rule(code.amount_places));
    return std::nullopt;
}

std::optional<unsigned> ExportReader::read_minutes(const Json& entry, const std::string& where,
                                                   const std::string& key) {
    if (!entry.contains(key)) return std::nullopt;
    const auto& count = entry.at(key);
    if (count.is_number_unsigned() && count.get<std::uint64_t>() <= most_minutes)
        return count.get<unsigned>();
    problem(where + ", " + key, shown(count),
            "must be a whole number of minutes from 0 to " + std::to_string(most_minutes));
    return std::nullopt;
}

std::optional<exports::Floating> ExportReader::read_floating(const Json& entry, const std::string& where) {
    if (!entry.contains("floating")) return std::nullopt;
    const auto place = where + ", floating";
    const auto& given = entry.at("floating");
    if (!given.is_object() || given.empty()) {
        problem(place, shown(given), "must be an object with minutes, percent or both");
        return std::nullopt;
    }
    check_keys(given, {"minutes", "percent"}, place, *this);
    exports::Floating floating{read_minutes(given, place, "minutes"), std::nullopt};
    if (given.contains("percent")) {
        const auto text = text_of(given.at("percent"), place + ", percent", *this);
        const auto percent = Rate::parse(text);
        if (percent) {
            floating.percent = *percent;
        } else {
            problem(place + ", percent", text, "must be a positive decimal in quotes, such as \"1\"");
        }
    }
    return floating;
}

}  // namespace kurs
