// Formats of one line, or one member, an item.
#include "exports/formats.hpp"
#include "kurs/pricing/fraction.hpp"

namespace kurs::exports {
namespace {

/// The amount of `to` for one unit of `from`, rounded down.
std::string value_of(const Price& price) {
    Fraction value;
    multiply(value, price.out, false);
    multiply(value, price.in, true);
    const auto rate = to_rate(value.numerator * one_in_units / value.denominator);
    return rate ? to_string(*rate) : "0";
}

}  // namespace

std::string render_txt(std::span<const PublishedItem> items) {
    std::string text;
    for (const auto& [item, offer] : items) {
        text.append(item->from.name).append(";").append(item->to.name).append(";");
        text.append(to_string(offer.price.in)).append(";").append(to_string(offer.price.out)).append(";");
        if (offer.reserve) text += to_string(*offer.reserve);
        text.append(";").append(item->city).append(";\n");
    }
    return text;
}

std::string render_iex_json(std::span<const PublishedItem> items) {
    std::string json = "{";
    for (const auto& [item, offer] : items) {
        if (json.size() > 1) json += ",";
        json += "\"" + item->from.name + " - " + item->to.name + "\":\"" + value_of(offer.price) + "\"";
    }
    return json += "}\n";
}

std::string render_iex_txt(std::span<const PublishedItem> items) {
    std::string text;
    for (const auto& [item, offer] : items)
        text += item->from.name + " - " + item->to.name + " : " + value_of(offer.price) + "\n";
    return text;
}

std::string render_exchanger_cms(std::span<const PublishedItem> items) {
    if (items.empty()) return "{\"success\":false,\"result\":false}\n";
    std::string json;
    for (const auto& [item, offer] : items) {
        json.append(json.empty() ? R"({"success":true,"result":{")" : R"(,")");
        json.append(item->from.name).append(item->to.name).append(R"(":[)");
        json.append(to_string(offer.price.in)).append(",").append(to_string(offer.price.out)).append("]");
    }
    return json += "}}\n";
}

}  // namespace kurs::exports
