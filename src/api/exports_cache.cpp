#include "api/exports_cache.hpp"

#include <algorithm>

#include "kurs/api/text.hpp"
#include "kurs/exports/render.hpp"

namespace kurs::api {

ResponseView ExportsCache::find(const exports::Export& asked, std::string_view if_none_match, TimePoint now) {
    auto& entry = entries_[&asked];
    const bool has_changed =
        entry.revision != board_.revision() || entry.reserves_revision != reserves_.revision();
    if (has_changed || now >= entry.valid_until) refresh(asked, entry, now);
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
    if (!entry.response.etag.empty() && body == entry.response.full.body) return;
    // If-Modified-Since is ignored: within one second, another replica may have served another body.
    entry.response = write_tagged(writer_, exports::content_type(asked.format),
                                  "Last-Modified: " + http_date(now) + "\r\n", std::move(body));
}

}  // namespace kurs::api
