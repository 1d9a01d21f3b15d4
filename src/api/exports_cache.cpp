#include "api/exports_cache.hpp"

#include <algorithm>

#include "kurs/api/text.hpp"
#include "kurs/exports/render.hpp"

namespace kurs::api {

ResponseView ExportsCache::find(const exports::Export& asked, std::string_view if_none_match,
                                std::string_view if_modified_since, TimePoint now) {
    auto& entry = entries_[&asked];
    const bool has_changed =
        entry.revision != board_.revision() || entry.reserves_revision != reserves_.revision();
    if (has_changed || now >= entry.valid_until) refresh(asked, entry, now);
    // Last-Modified has only seconds. Where two bodies have the same one, only the ETag tells them apart.
    const bool is_known =
        if_none_match.empty() && entry.is_first_of_second && if_modified_since == entry.last_modified;
    if (is_known) return entry.response.not_modified.view();
    return entry.response.view(if_none_match);
}

void ExportsCache::refresh(const exports::Export& asked, Entry& entry, TimePoint now) {
    ++renders_;
    const auto venue = asked.exchanger ? asked.exchanger : board_.active();
    entry.revision = board_.revision();
    entry.reserves_revision = reserves_.revision();
    entry.valid_until = TimePoint::max();
    std::vector<exports::PublishedItem> published;
    for (const auto& item : asked.items) {
        const auto* const quote = venue ? board_.find(*venue, item.direction) : nullptr;
        if (item.hours)
            entry.valid_until = std::min<TimePoint>(
                entry.valid_until, std::chrono::floor<std::chrono::minutes>(now) + std::chrono::minutes(1));
        auto offer = make_offer(item, quote, reserves_, now);
        if (!offer) continue;
        entry.valid_until = std::min(entry.valid_until, offer->valid_until);
        published.push_back({&item, *std::move(offer)});
    }
    auto body = exports::render(asked.format, published);
    if (!entry.last_modified.empty() && body == entry.response.full.body) return;
    const auto changed_at = http_date(now);
    entry.is_first_of_second = changed_at != entry.last_modified;
    entry.last_modified = changed_at;
    entry.response = write_tagged(writer_, exports::content_type(asked.format),
                                  "Last-Modified: " + changed_at + "\r\n", std::move(body));
}

}  // namespace kurs::api
