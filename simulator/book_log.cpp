#include "book_log.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "capture.hpp"

namespace sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_entries = 4096;

}  // namespace

void BookLog::note(const StreamEvent& event, Instant now) {
    if (event.kind != "bookTicker") return;
    auto& entries = entries_[event.symbol];
    const auto book = parse_book(event.payload);
    if (!entries.empty()) {
        const auto last = parse_book(entries.back().payload);
        if (last.bid == book.bid && last.ask == book.ask) return;
    }
    entries.push_back({event.payload, now});
    if (entries.size() > most_entries) entries.pop_front();
}

std::optional<std::string> BookLog::find(std::string_view symbol, Instant at) const {
    const auto found = entries_.find(symbol);
    if (found == entries_.end()) return std::nullopt;
    const auto& entries = found->second;
    const auto later = std::ranges::upper_bound(entries, at, {}, &Entry::from);
    if (later == entries.begin()) return std::nullopt;
    return std::prev(later)->payload;
}

std::string BookLog::report(Instant since, Instant now) const {
    auto books = Json::object();
    for (const auto& [symbol, entries] : entries_) {
        auto& list = books[symbol] = Json::array();
        for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
            const auto next = std::next(entry);
            if (next != entries.end() && next->from < since) continue;
            const auto book = Json::parse(entry->payload);
            list.push_back({{"u", book["u"]},
                            {"b", book["b"]},
                            {"a", book["a"]},
                            {"from", to_unix_ms(entry->from)},
                            {"to", next == entries.end() ? Json{} : Json(to_unix_ms(next->from))}});
        }
    }
    return Json{{"now", to_unix_ms(now)}, {"books", books}}.dump();
}

}  // namespace sim
