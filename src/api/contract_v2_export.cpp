// Why an export contains what it contains.
#include <algorithm>

#include "api/contract_v2.hpp"
#include "kurs/exports/offer.hpp"

namespace kurs::api::v2 {
namespace {

constexpr std::size_t usual_item_size = 512;

/// Its course, whether or not the item is published.
void write_course(JsonWriter& json, const exports::Item& item, const CourseView& course, TimePoint now) {
    const auto& quote = course.quote;
    const bool is_fresh = course.state == CourseState::fresh;
    const auto side = item.side == Side::sell ? &QuoteView::bid : &QuoteView::ask;
    json.member("direction", course.direction);
    json.member("side", item.side == Side::sell ? "sell" : "buy");
    json.member("state", to_string(course.state));
    json.member("rate", is_fresh ? std::optional((*quote).*side) : std::nullopt);
    json.member("observed_at", quote ? std::optional(quote->observed_at) : std::nullopt);
    json.member("age_ms", quote ? std::optional(std::max(now - quote->observed_at, Duration{0}).count())
                                : std::nullopt);
    json.member("fresh_until", quote ? std::optional(quote->fresh_until) : std::nullopt);
}

void write_tiers(JsonWriter& json, const std::vector<exports::PricedTier>& tiers) {
    json.key("tiers");
    json.open('[');
    for (const auto& [min, max, markup_ppb, price] : tiers) {
        json.open('{');
        json.member("min", min);
        json.member("max", max);
        json.member("markup", percent(markup_ppb));
        json.member("exact", price.exact);
        json.member("in", price.in);
        json.member("out", price.out);
        json.close('}');
    }
    json.close(']');
}

void write_item(JsonWriter& json, const Board& board, const exports::ReserveBook& reserves,
                std::optional<VenueId> venue, const exports::Item& item, TimePoint now) {
    const auto course = view_course(board, venue, item.direction, std::nullopt, now);
    const auto* const quote = venue ? board.find(*venue, item.direction) : nullptr;
    const auto offer = make_offer(item, quote, reserves, now);
    std::optional<std::string> reason;
    if (!offer) reason = course.reason.empty() ? offer.error() : course.reason;
    const auto of_offer = [&](auto member) {
        return offer ? std::optional<Rate>((*offer).*member) : std::nullopt;
    };
    json.open('{');
    json.member("from", item.from.name);
    json.member("to", item.to.name);
    json.member("city", item.city.empty() ? std::nullopt : std::optional(item.city));
    json.member("is_published", offer.has_value());
    json.member("reason", reason);
    write_course(json, item, course, now);
    json.member("in", offer ? std::optional(offer->price.in) : std::nullopt);
    json.member("out", offer ? std::optional(offer->price.out) : std::nullopt);
    json.member("min", of_offer(&exports::Offer::min));
    json.member("max", of_offer(&exports::Offer::max));
    json.member("reserve", of_offer(&exports::Offer::reserve));
    write_tiers(json, offer ? offer->tiers : std::vector<exports::PricedTier>());
    json.close('}');
}

}  // namespace

std::string percent(std::uint32_t ppb) {
    constexpr u128 units_of_percent = 100'000'000'000;  // of a billionth
    const auto rate = Rate::from_units(ppb * units_of_percent);
    return (rate ? to_string(*rate) : "0") + "%";
}

std::string render_export_explanation(const Board& board, const exports::ReserveBook& reserves,
                                      const exports::Export& shown, TimePoint now) {
    const auto venue = shown.exchanger ? shown.exchanger : board.active();
    JsonWriter json(256 + shown.items.size() * usual_item_size);
    json.open('{');
    json.member("version", board.version());
    json.member("exchanger", venue ? std::optional(board.map().name(*venue)) : std::nullopt);
    json.member("as_of", now);
    json.member("export", shown.name);
    json.member("format", to_string(shown.format));
    json.key("items");
    json.open('[');
    for (const auto& item : shown.items) write_item(json, board, reserves, venue, item, now);
    json.close(']');
    json.close('}');
    return json.take();
}

}  // namespace kurs::api::v2
