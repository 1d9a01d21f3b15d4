#pragma once

#include <string_view>
#include <vector>

#include "kurs/api/sources.hpp"
#include "kurs/feed/feed_state.hpp"

namespace kurs {

/// How it stands with every feed.
class LineBook {
public:
    void add(std::string name, VenueId venue, TimePoint now);
    /// Returns whether it has to connect anew after it had delivered.
    bool note_state(std::string_view name, FeedState state, std::string_view reason, TimePoint now);
    void note_tick(std::string_view name, TimePoint now);

    const std::vector<api::FeedReport>& lines() const { return lines_; }

private:
    api::FeedReport& find(std::string_view name);

    std::vector<api::FeedReport> lines_;
};

}  // namespace kurs
