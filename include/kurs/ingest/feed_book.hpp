#pragma once

#include <string_view>
#include <vector>

#include "kurs/domain/feed_report.hpp"

namespace kurs {

/// The state of every feed.
class FeedBook {
public:
    void add(std::string name, VenueId venue, TimePoint now);

    /// Returns whether the feed lost a connection that had delivered values.
    bool note_state(std::string_view name, FeedState state, std::string_view reason, TimePoint now);
    void note_tick(std::string_view name, TimePoint now) { find(name).last_tick_at = now; }

    FeedState state(std::string_view name) const;
    bool delivers(std::string_view name) const;  ///< all symbols, or some
    const std::vector<FeedReport>& reports() const { return reports_; }

private:
    FeedReport& find(std::string_view name);

    std::vector<FeedReport> reports_;
};

}  // namespace kurs
