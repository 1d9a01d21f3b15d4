// JSON 1.3 of jsons.info. All numbers are written from decimal text.
#include <algorithm>
#include <map>

#include "exports/formats.hpp"

namespace kurs::exports {
namespace {

/// Appends the parts of a list or object, with commas.
class Parts {
public:
    explicit Parts(std::string& text) : text_(text) {}

    std::string& next() {
        if (!is_first_) text_ += ',';
        is_first_ = false;
        return text_;
    }
    void member(std::string_view name, std::string_view value) {
        next().append("\"").append(name).append("\":").append(value);
    }

private:
    std::string& text_;
    bool is_first_ = true;
};

/// The codes in the order of their first use. Their keys are their positions, counted from 1.
class Currencies {
public:
    explicit Currencies(std::span<const PublishedItem> items) {
        for (const auto& [item, offer] : items) {
            add(item->from);
            add(item->to);
            if (offer.reserve) reserves_[key_of(item->to)] = to_string(*offer.reserve);
        }
    }

    std::size_t key_of(const Code& code) const {
        return static_cast<std::size_t>(std::ranges::find(names_, code.name) - names_.begin()) + 1;
    }

    std::string text() const {
        std::string text = R"({"list":{)";
        Parts names(text);
        for (std::size_t i = 0; i < names_.size(); ++i)
            names.member(std::to_string(i + 1), "\"" + names_[i] + "\"");
        text += R"(},"amounts":{)";
        Parts amounts(text);
        for (const auto& [key, reserve] : reserves_) amounts.member(std::to_string(key), reserve);
        return text += "}}";
    }

private:
    void add(const Code& code) {
        if (std::ranges::find(names_, code.name) == names_.end()) names_.push_back(code.name);
    }

    std::vector<std::string> names_;
    std::map<std::size_t, std::string> reserves_;
};

/// X: the customer gives X for 1. -X: gives 1 for X.
std::string rate_text(const Price& price) {
    return price.in >= price.out ? to_string(price.in) : "-" + to_string(price.out);
}

std::string fee_text(const std::vector<Fee>& fees) {
    const auto text = [](const Fee& fee) {
        return fee.is_percent ? R"({"%":)" + to_string(fee.amount) + "}" : to_string(fee.amount);
    };
    if (fees.size() == 1) return text(fees.front());
    return R"(["+",)" + text(fees.front()) + "," + text(fees.back()) + "]";
}

/// The labels that the format has.
std::string options_text(const std::vector<std::string>& labels) {
    constexpr std::pair<std::string_view, std::string_view> options[]{
        {"manual", "manual"}, {"reg", "auth"}, {"verifying", "ident"}};
    std::string text;
    Parts parts(text);
    for (const auto& [label, option] : options)
        if (std::ranges::find(labels, label) != labels.end()) parts.member(option, "1");
    return text;
}

/// A number, unless there is more to tell.
std::string exchange_text(const Item& item, const Offer& offer) {
    const auto rate = rate_text(offer.price);
    std::string text = "{";
    Parts members(text);
    members.member("xr", rate);
    if (offer.min) members.member("min", to_string(*offer.min));
    if (offer.max) members.member("max", to_string(*offer.max));
    if (!item.from_fees.empty()) members.member("inFee", fee_text(item.from_fees));
    if (!item.to_fees.empty()) members.member("outFee", fee_text(item.to_fees));
    const auto options = options_text(item.labels);
    if (!options.empty()) members.member("options", "{" + options + "}");
    if (!item.city.empty()) members.member("cities", "[\"" + item.city + "\"]");
    const bool is_bare = !offer.min && !offer.max && item.from_fees.empty() && item.to_fees.empty() &&
                         options.empty() && item.city.empty();
    return is_bare ? rate : text + "}";
}

}  // namespace

std::string render_json(std::span<const PublishedItem> items) {
    const Currencies currencies(items);
    std::map<std::size_t, std::string> targets;  // by what the customer gives
    for (const auto& [item, offer] : items) {
        auto& text = targets[currencies.key_of(item->from)];
        if (!text.empty()) text += ",";
        text += "\"" + std::to_string(currencies.key_of(item->to)) + "\":" + exchange_text(*item, offer);
    }
    std::string json = R"({"version":"1.3","currencies":)" + currencies.text() + R"(,"exchange":{)";
    Parts exchange(json);
    for (const auto& [key, text] : targets) exchange.member(std::to_string(key), R"({"to":{)" + text + "}}");
    return json += "}}\n";
}

}  // namespace kurs::exports
