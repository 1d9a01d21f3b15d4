// Quotes that hold for a while, at one rate.
#include "api/contract_v2.hpp"
#include "api/used_courses.hpp"
#include "kurs/exports/order.hpp"
#include "kurs/pricing/fraction.hpp"

namespace kurs::api::v2 {
namespace {

constexpr std::size_t usual_quote_size = 2048;

/// The amounts and rates of a quote.
struct Terms {
    Rate give;
    Rate get;
    std::optional<Rate> rate;       ///< of one unit of `from` in `to`
    std::optional<Rate> base_rate;  ///< without the markup
    std::uint32_t markup_ppb = 0;
    std::optional<exports::Price> price{};  ///< of the item's tier
};

Problem too_large() {
    return {400, "The amounts or the rate exceed 340282366920938463463. Give a smaller amount."};
}

boost::system::result<Terms, Problem> plain_terms(const MarketMap& map, const QuoteRequest& request,
                                                  const UsedCourses& courses) {
    const auto conversion = courses.convert(request.amount, request.side, map.places_of(request.to));
    if (!conversion) return too_large();
    if (!conversion->result)
        return Problem{400, "The amount is worth less than the last decimal of " + request.to +
                                ". Give a greater amount."};
    const bool gives = request.side == Side::sell;
    return Terms{gives ? request.amount : *conversion->result, gives ? *conversion->result : request.amount,
                 conversion->rate, conversion->rate};
}

boost::system::result<Terms, Problem> item_terms(const Board& board, std::optional<VenueId> venue,
                                                 const exports::ReserveBook& reserves,
                                                 const QuoteRequest& request, const UsedCourses& courses,
                                                 TimePoint now) {
    const auto& item = *request.item;
    const auto* const quote = venue ? board.find(*venue, item.direction) : nullptr;
    const auto offer = make_offer(item, quote, reserves, now);
    if (!offer) return Problem{503, "The item is not published now. " + offer.error(), "Retry-After: 1\r\n"};
    const auto order = price_order(item, *offer, request.side, request.amount);
    if (!order) return Problem{400, order.error()};
    const auto& [in, out, exact] = order->price;
    const auto& [price, of] = request.side == Side::sell ? std::pair(out, in) : std::pair(in, out);
    const auto rate = to_rate(Wide(price.units()) * one_in_units / Wide(of.units()));
    const auto base = courses.convert(request.amount, request.side, Rate::decimals);
    if (!base || (!rate && rate.error() == errc::overflow)) return too_large();
    const auto shown = rate ? std::optional(*rate) : std::nullopt;  // none: below the last decimal
    return Terms{order->give, order->get, shown, base->rate, order->markup_ppb, order->price};
}

void write_amount(JsonWriter& json, std::string_view name, std::string_view asset, Rate amount) {
    json.key(name);
    json.open('{');
    json.member("asset", asset);
    json.member("amount", amount);
    json.close('}');
}

void write_fees(JsonWriter& json, std::string_view of, const std::vector<exports::Fee>& fees) {
    for (const auto& [amount, is_percent] : fees) {
        json.open('{');
        json.member("of", of);
        json.member("amount", amount);
        json.member("is_percent", is_percent);
        json.close('}');
    }
}

void write_item(JsonWriter& json, const QuoteRequest& request, const Terms& terms) {
    json.key("export");
    if (!request.item) return json.value(std::nullopt);
    const auto& item = *request.item;
    json.open('{');
    json.member("name", request.source->name);
    json.member("from", item.from.name);
    json.member("to", item.to.name);
    json.member("city", item.city.empty() ? std::nullopt : std::optional(item.city));
    json.member("in", terms.price->in);
    json.member("out", terms.price->out);
    json.key("fees");
    json.open('[');
    write_fees(json, "give", item.from_fees);
    write_fees(json, "get", item.to_fees);
    json.close(']');
    json.close('}');
}

}  // namespace

boost::system::result<std::string, Problem> render_quote(const Board& board,
                                                         const exports::ReserveBook& reserves,
                                                         const QuoteRequest& request, std::string_view id,
                                                         TimePoint now) {
    const auto& map = board.map();
    const auto venue = request.venue ? request.venue : board.active();
    const auto path =
        request.item
            ? std::vector<ConversionStep>{{request.item->direction,
                                           map.direction(request.item->direction).base() != request.from}}
            : path_at(map, venue, request.from, request.to);
    const auto courses = UsedCourses::find(board, venue, path, {request.venue, {}, {}}, now);
    if (!courses) return courses.error();
    const auto terms = request.item ? item_terms(board, venue, reserves, request, *courses, now)
                                    : plain_terms(map, request, *courses);
    if (!terms) return terms.error();
    const bool gives = request.side == Side::sell;
    JsonWriter json(usual_quote_size);
    json.open('{');
    json.member("id", id);
    json.member("locked_at", now);
    json.member("expires_at", now + request.ttl);
    json.member("direction", request.from + "-" + request.to);
    json.member("side", to_string(request.side));
    write_amount(json, "give", gives ? request.from : request.to, terms->give);
    write_amount(json, "get", gives ? request.to : request.from, terms->get);
    json.member("rate", text_of(terms->rate));
    json.member("base_rate", text_of(terms->base_rate));
    json.member("markup", percent(terms->markup_ppb));
    write_item(json, request, *terms);
    json.member("version", board.version());
    json.member("exchanger", map.name(venue.value()));
    json.member("observed_at", courses->observed_at());
    json.member("fresh_until", courses->fresh_until());
    courses->write(json, now);
    json.close('}');
    return json.take();
}

Problem explain(lock::LockFailure failure, const lock::LockQuestion& question) {
    constexpr auto soon = "Retry-After: 1\r\n";
    const auto* const order = std::get_if<lock::LockOrder>(&question);
    switch (failure) {
        case lock::LockFailure::other_request:
            return {
                422,
                "The Idempotency-Key was used for another request. Send the same body again, or use another "
                "key."};
        case lock::LockFailure::not_kept:
            return {503, "This service locks no quotes now: it runs without a database."};
        case lock::LockFailure::unfit:
            return {503,
                    "The database cannot store quotes. The operator of this service must look at its log."};
        case lock::LockFailure::busy:
            return {503, "Too many quotes are locked or read at once. Retry in a second.", soon};
        case lock::LockFailure::unknown:
            if (order) break;
            return {404, "There is no quote with this id. An id is in the response to POST /api/v2/quotes."};
        default: break;
    }
    if (!order) return {503, "The database does not answer. Retry in a second.", soon};
    return {503,
            std::string("The database does not answer, so no quote is confirmed. Send the request again") +
                (order->key ? " with the same Idempotency-Key." : "."),
            soon};
}

}  // namespace kurs::api::v2
