// EREF 1.1 and its predecessor, the XML export 1.0.
#include "exports/formats.hpp"

namespace kurs::exports {
namespace {

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// `attributes` begins with a space.
void append(std::string& xml, std::string_view name, std::string_view text,
            std::string_view attributes = "") {
    xml.append("<").append(name).append(attributes).append(">").append(text);
    xml.append("</").append(name).append(">");
}

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

/// The elements with which both versions begin.
void append_rate(std::string& xml, const Item& item, const Offer& offer) {
    append(xml, "from", item.from.name);
    append(xml, "to", item.to.name);
    append(xml, "in", to_string(offer.price.in));
    append(xml, "out", to_string(offer.price.out));
    if (offer.reserve) append(xml, "amount", to_string(*offer.reserve));
}

void append_limits(std::string& xml, const Offer& offer, std::string_view min, std::string_view max) {
    if (offer.min || offer.max) append(xml, min, text_of(offer.min));
    if (offer.max) append(xml, max, to_string(*offer.max));
}

void append_typed_fees(std::string& xml, std::string_view name, const std::vector<Fee>& fees) {
    for (const auto& fee : fees)
        append(xml, name, to_string(fee.amount), attribute("type", fee.is_percent ? "%" : "abs"));
}

void append_fees(std::string& xml, std::string_view name, const std::vector<Fee>& fees, const Code& code) {
    for (const auto& fee : fees)
        append(xml, name, to_string(fee.amount) + (fee.is_percent ? "%" : " " + code.name));
}

void append_floating_attributes(std::string& xml, const Floating& floating) {
    xml += "<floating";
    if (floating.minutes) xml += attribute("minutes", std::to_string(*floating.minutes));
    if (floating.percent) xml += attribute("percent", to_string(*floating.percent));
    xml += "/>";
}

std::string floating_text(const Floating& floating) {
    auto text = floating.minutes ? std::to_string(*floating.minutes) : std::string();
    if (floating.percent) text += (text.empty() ? "" : ", ") + to_string(*floating.percent) + "%";
    return text;
}

void append_steps(std::string& xml, const Offer& offer) {
    if (offer.tiers.size() < 2) return;
    for (const auto& tier : offer.tiers) {
        xml +=
            "<step" + attribute("frommin", text_of(tier.min)) + attribute("frommax", text_of(tier.max)) + ">";
        append(xml, "in", to_string(tier.price.in));
        append(xml, "out", to_string(tier.price.out));
        xml += "</step>";
    }
}

}  // namespace

// The order is that of the documentation, which some readers require. Without the limits of version 1.0,
// BestChange's cabinet reports that there are none.
std::string render_eref(std::span<const PublishedItem> items) {
    std::string xml(declaration);
    xml +=
        "<rates xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xsi:noNamespaceSchemaLocation=\"https://docs.bestchange.biz/schema/1.1.xsd\" version=\"1\">\n";
    for (const auto& [item, offer] : items) {
        xml += "<item>";
        append_rate(xml, *item, offer);
        append_limits(xml, offer, "frommin", "frommax");
        append_typed_fees(xml, "fromfee", item->from_fees);
        append_typed_fees(xml, "tofee", item->to_fees);
        if (item->floating) append_floating_attributes(xml, *item->floating);
        if (item->delay_minutes) append(xml, "delay", std::to_string(*item->delay_minutes));
        for (const auto& label : item->labels) append(xml, label, "true");
        if (!item->city.empty()) append(xml, "city", item->city);
        append_steps(xml, offer);
        append_limits(xml, offer, "minamount", "maxamount");
        xml += "</item>\n";
    }
    return xml += "</rates>\n";
}

std::string render_xml(std::span<const PublishedItem> items) {
    std::string xml(declaration);
    xml += "<rates>\n";  // PHP's readers take an element without any content for a failure
    for (const auto& [item, offer] : items) {
        xml += "<item>";
        append_rate(xml, *item, offer);
        append_limits(xml, offer, "minamount", "maxamount");
        append_fees(xml, "fromfee", item->from_fees, item->from);
        append_fees(xml, "tofee", item->to_fees, item->to);
        if (item->floating) append(xml, "floating", floating_text(*item->floating));
        if (item->delay_minutes) append(xml, "delay", std::to_string(*item->delay_minutes));
        std::string labels;
        for (const auto& label : item->labels) labels += (labels.empty() ? "" : ",") + label;
        if (!labels.empty()) append(xml, "param", labels);
        if (!item->city.empty()) append(xml, "city", item->city);
        xml += "</item>\n";
    }
    return xml += "</rates>\n";
}

}  // namespace kurs::exports
