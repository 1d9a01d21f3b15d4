#include "kurs/copies/change_text.hpp"

#include "copies/quote_text.hpp"

namespace kurs {
namespace {

using nlohmann::json;

json active_text(const ActiveChange& change) {
    return {{"at", milliseconds_of(change.at)}, {"venue", change.venue}, {"reason", change.reason}};
}

ActiveChange read_active_change(const json& text) {
    return {read_time(text.at("at")), text.at("venue").get<std::string>(),
            text.at("reason").get<std::string>()};
}

json record_text(const MarketMap& map, const QuoteRecord& record) {
    auto text = record.quote ? quote_text(map, *record.quote)
                             : series_text(map, Series{record.venue, record.direction});
    text["recorded_at"] = milliseconds_of(record.recorded_at);
    return text;
}

std::optional<QuoteRecord> read_record(const MarketMap& map, const json& text) {
    const auto series = read_series(map, text);
    if (!series) return std::nullopt;
    QuoteRecord record{read_time(text.at("recorded_at")), series->venue, series->direction, std::nullopt};
    if (!text.contains("value")) return record;  // a loss
    record.quote = read_quote(map, text);
    if (!record.quote) return std::nullopt;
    return record;
}

/// What nlohmann, or a price that is none, throws.
template <class T, class Read>
result<T> read_document(std::string_view text, Read read) {
    try {
        return read(json::parse(text));
    } catch (const std::exception&) {
        return errc::malformed;
    }
}

}  // namespace

std::string to_text(const MarketMap& map, const BoardChange& change) {
    json text{{"version", change.version}, {"visible_at", milliseconds_of(change.visible_at)}};
    auto& quotes = text["quotes"] = json::array();
    for (const auto& quote : change.quotes) quotes.push_back(quote_text(map, quote));
    auto& lost = text["lost"] = json::array();
    for (const auto& [venue, direction] : change.lost)
        lost.push_back(series_text(map, Series{venue, direction}));
    if (change.active) text["active"] = active_text(*change.active);
    return text.dump();
}

std::string to_text(const MarketMap& map, const Batch& batch) {
    json text{{"quotes", json::array()}, {"changes", json::array()}};
    for (const auto& record : batch.quotes) text["quotes"].push_back(record_text(map, record));
    for (const auto& change : batch.changes) text["changes"].push_back(active_text(change));
    return text.dump();
}

result<BoardChange> parse_change(const MarketMap& map, std::string_view text) {
    return read_document<BoardChange>(text, [&map](const json& document) {
        BoardChange change;
        change.version = document.at("version").get<std::uint64_t>();
        change.visible_at = read_time(document.at("visible_at"));
        for (const auto& each : document.at("quotes")) {
            if (auto quote = read_quote(map, each)) change.quotes.push_back(*std::move(quote));
        }
        for (const auto& each : document.at("lost")) {
            if (const auto lost = read_series(map, each))
                change.lost.push_back({lost->venue, lost->direction});
        }
        if (document.contains("active")) change.active = read_active_change(document.at("active"));
        return change;
    });
}

result<Batch> parse_batch(const MarketMap& map, std::string_view text) {
    return read_document<Batch>(text, [&map](const json& document) {
        Batch batch;
        for (const auto& each : document.at("quotes")) {
            if (auto record = read_record(map, each)) batch.quotes.push_back(*std::move(record));
        }
        for (const auto& each : document.at("changes")) batch.changes.push_back(read_active_change(each));
        return batch;
    });
}

}  // namespace kurs
