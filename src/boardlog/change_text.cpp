#include "kurs/boardlog/change_text.hpp"

#include "boardlog/quote_text.hpp"

namespace kurs {
namespace {

using nlohmann::json;

json active_text(const ActiveChange& change) {
    return {
        {"at", milliseconds_of(change.at)}, {"venue", change.venue.value_or("")}, {"reason", change.reason}};
}

ActiveChange read_active_change(const json& text) {
    ActiveChange change{read_time(text.at("at")), text.at("venue").get<std::string>(),
                        text.at("reason").get<std::string>()};
    if (change.venue->empty()) change.venue.reset();
    return change;
}

/// The exceptions of nlohmann and of an invalid price.
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
    for (const auto& [venue, direction] : change.lost) lost.push_back(series_text(map, {venue, direction}));
    if (change.active) text["active"] = active_text(*change.active);
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

}  // namespace kurs
