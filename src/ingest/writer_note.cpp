#include "kurs/ingest/writer_note.hpp"

#include <algorithm>

#include "ingest/json_values.hpp"
#include "kurs/ingest/refusal_log.hpp"

namespace kurs {

using namespace json_values;

namespace {

using nlohmann::json;

/// Grows when an older release would misread the note, and not with a field that it may ignore.
constexpr std::uint64_t newest_format = 1;

json feed_text(const MarketMap& map, const FeedReport& feed) {
    json text{
        {"name", feed.name},     {"venue", map.name(feed.venue)},        {"state", to_string(feed.state)},
        {"reason", feed.reason}, {"since", milliseconds_of(feed.since)}, {"reconnects", feed.reconnects}};
    if (feed.last_tick_at) text["last_tick_at"] = milliseconds_of(*feed.last_tick_at);
    return text;
}

FeedReport read_feed(VenueId venue, const json& text) {
    FeedReport feed;
    feed.name = text.at("name").get<std::string>();
    feed.venue = venue;
    feed.state = parse_feed_state(text.at("state").get_ref<const std::string&>()).value();
    feed.reason = text.at("reason").get<std::string>();
    feed.since = read_time(text.at("since"));
    if (text.contains("last_tick_at")) feed.last_tick_at = read_time(text.at("last_tick_at"));
    feed.reconnects = text.at("reconnects").get_ref<const json::number_unsigned_t&>();
    return feed;
}

json maybe(std::optional<Rate> rate) {
    return rate ? json(to_string(*rate)) : json();
}

std::optional<Rate> read_maybe(const json& text) {
    return text.is_null() ? std::nullopt : std::optional(read_rate(text));
}

json refusal_text(const MarketMap& map, const RefusalReport& refusal) {
    auto text = symbol_text(map, refusal.symbol);
    text["reason"] = to_string(refusal.reason);
    text["bid"] = maybe(refusal.bid);
    text["ask"] = maybe(refusal.ask);
    text["first_at"] = milliseconds_of(refusal.first_at);
    text["last_at"] = milliseconds_of(refusal.last_at);
    text["times"] = refusal.times;
    return text;
}

std::optional<errc> read_reason(const std::string& text) {
    for (std::size_t i = 0; i < errc_count; ++i)
        if (text == to_string(static_cast<errc>(i))) return static_cast<errc>(i);
    return std::nullopt;
}

/// None: a symbol or reason that is unknown here.
std::optional<RefusalReport> read_refusal(const MarketMap& map, const json& text) {
    const auto symbol = read_symbol(map, text);
    const auto reason = read_reason(text.at("reason").get_ref<const std::string&>());
    if (!symbol || !reason) return std::nullopt;
    return RefusalReport{*symbol,
                         *reason,
                         read_maybe(text.at("bid")),
                         read_maybe(text.at("ask")),
                         read_time(text.at("first_at")),
                         read_time(text.at("last_at")),
                         text.at("times").get_ref<const json::number_unsigned_t&>()};
}

json leg_text(const MarketMap& map, const QuoteLeg& leg) {
    auto text = symbol_text(map, leg.symbol);
    text["inverted"] = leg.inverted;
    text["bid"] = to_string(leg.bid);
    text["ask"] = to_string(leg.ask);
    text["observed_at"] = milliseconds_of(leg.observed_at);
    if (const auto& confirmation = leg.confirmation) {
        text["confirmed_at"] = milliseconds_of(confirmation->at);
        text["date"] = milliseconds_of(confirmation->date);
    }
    return text;
}

std::optional<Confirmation> read_confirmation(const json& text) {
    if (!text.contains("confirmed_at")) return std::nullopt;
    return Confirmation{std::chrono::floor<std::chrono::days>(read_time(text.at("date"))),
                        read_time(text.at("confirmed_at"))};
}

json source_text(const MarketMap& map, const SourceReport& source) {
    json text{{"state", to_string(source.state)}, {"value", maybe(source.value)}, {"legs", json::array()}};
    for (const auto& leg : source.legs) text["legs"].push_back(leg_text(map, leg));
    return text;
}

/// None: a state that is unknown here.
std::optional<SourceReport> read_source(const MarketMap& map, const json& text) {
    const auto state = parse_source_state(text.at("state").get_ref<const std::string&>());
    if (!state) return std::nullopt;
    SourceReport source{*state, read_maybe(text.at("value")), {}};
    for (const auto& leg : text.at("legs")) {
        const auto symbol = read_symbol(map, leg);
        if (!symbol) continue;
        source.legs.push_back({*symbol, leg.at("inverted").get<bool>(), read_rate(leg.at("bid")),
                               read_rate(leg.at("ask")), read_time(leg.at("observed_at")),
                               read_confirmation(leg)});
    }
    return source;
}

json reference_text(const MarketMap& map, const ReferenceReport& reference) {
    json text{{"rate", map.reference_rates[index(reference.rate)].direction.text()},
              {"sources", json::array()}};
    for (const auto& source : reference.sources) text["sources"].push_back(source_text(map, source));
    return text;
}

/// None: a reference rate that has other sources here.
std::optional<ReferenceReport> read_reference(const MarketMap& map, const json& text) {
    const auto& name = text.at("rate").get_ref<const std::string&>();
    const auto is_it = [&name](const ReferenceRate& rate) { return rate.direction.text() == name; };
    const auto found = std::ranges::find_if(map.reference_rates, is_it);
    if (found == map.reference_rates.end()) return std::nullopt;
    ReferenceReport reference{static_cast<ReferenceRateId>(found - map.reference_rates.begin()), {}};
    for (const auto& each : text.at("sources"))
        if (auto source = read_source(map, each)) reference.sources.push_back(*std::move(source));
    if (reference.sources.size() != found->sources.size()) return std::nullopt;
    return reference;
}

json pricing_text(const MarketMap& map, const PricingReport& pricing) {
    json text{
        {"at", milliseconds_of(pricing.at)}, {"refusals", json::array()}, {"references", json::array()}};
    for (const auto& refusal : pricing.refusals) text["refusals"].push_back(refusal_text(map, refusal));
    for (const auto& reference : pricing.references)
        text["references"].push_back(reference_text(map, reference));
    return text;
}

PricingReport read_pricing(const MarketMap& map, const json& text) {
    PricingReport pricing{read_time(text.at("at")), {}, {}};
    for (const auto& each : text.at("refusals")) {
        const auto refusal = read_refusal(map, each);
        if (refusal && pricing.refusals.size() < RefusalLog::most_entries)
            pricing.refusals.push_back(*refusal);
    }
    for (const auto& each : text.at("references"))
        if (auto reference = read_reference(map, each)) pricing.references.push_back(*std::move(reference));
    return pricing;
}

}  // namespace

std::string to_text(const MarketMap& map, const WriterNote& note) {
    json text{{"format", newest_format}, {"feeds", json::array()}, {"budgets", note.budgets}};
    for (const auto& feed : note.feeds) text["feeds"].push_back(feed_text(map, feed));
    if (note.pricing) text["pricing"] = pricing_text(map, *note.pricing);
    if (!note.alerts.empty()) text["alerts"] = note.alerts;
    return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

result<WriterNote> parse_writer_note(const MarketMap& map, std::string_view text) {
    try {
        const auto document = json::parse(text);
        if (document.value("format", newest_format) > newest_format) return errc::unknown_event;
        WriterNote note;
        for (const auto& feed : document.at("feeds")) {
            const auto venue = map.find_venue(feed.at("venue").get_ref<const std::string&>());
            if (venue) note.feeds.push_back(read_feed(*venue, feed));
        }
        document.at("budgets").get_to(note.budgets);
        if (document.contains("alerts")) document.at("alerts").get_to(note.alerts);
        if (document.contains("pricing")) note.pricing = read_pricing(map, document.at("pricing"));
        return note;
    } catch (const std::exception&) {  // from nlohmann_json, or for an unknown state
        return errc::malformed;
    }
}

}  // namespace kurs
