#include "kurs/ingest/feed_book.hpp"

#include <algorithm>
#include <utility>

namespace kurs {
namespace {

bool is_delivering(FeedState state) {
    return state == FeedState::live || state == FeedState::stale;
}

}  // namespace

void FeedBook::add(std::string name, VenueId venue, TimePoint now) {
    reports_.push_back({std::move(name), venue, FeedState::connecting, {}, now, {}});
}

bool FeedBook::note_state(std::string_view name, FeedState state, std::string_view reason, TimePoint now) {
    auto& feed = find(name);
    const bool is_lost = is_delivering(feed.state) && !is_delivering(state);
    if (is_lost) ++feed.reconnects;
    if (feed.state != state) feed.since = now;
    feed.state = state;
    feed.reason = reason;
    return is_lost;
}

FeedState FeedBook::state(std::string_view name) const {
    return std::ranges::find(reports_, name, &FeedReport::name)->state;
}

bool FeedBook::delivers(std::string_view name) const {
    return is_delivering(state(name));
}

FeedReport& FeedBook::find(std::string_view name) {
    return *std::ranges::find(reports_, name, &FeedReport::name);
}

}  // namespace kurs
