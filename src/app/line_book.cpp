#include "kurs/app/line_book.hpp"

#include <algorithm>

namespace kurs {

void LineBook::add(std::string name, VenueId venue, TimePoint now) {
    api::FeedReport line;
    line.name = std::move(name);
    line.venue = venue;
    line.state = to_string(FeedState::connecting);
    line.since = now;
    lines_.push_back(std::move(line));
}

bool LineBook::note_state(std::string_view name, FeedState state, std::string_view reason, TimePoint now) {
    auto& line = find(name);
    const auto text = to_string(state);
    const auto delivers = [](std::string_view its) {
        return its == to_string(FeedState::live) || its == to_string(FeedState::stale);
    };
    const bool is_lost = delivers(line.state) && !delivers(text);
    if (is_lost) ++line.reconnects;
    if (line.state != text) line.since = now;
    line.state = text;
    line.reason = reason;
    return is_lost;
}

void LineBook::note_tick(std::string_view name, TimePoint now) {
    find(name).last_tick_at = now;
}

api::FeedReport& LineBook::find(std::string_view name) {
    return *std::ranges::find(lines_, name, &api::FeedReport::name);
}

}  // namespace kurs
