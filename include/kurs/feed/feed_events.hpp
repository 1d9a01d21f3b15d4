#pragma once

#include <functional>
#include <string_view>

#include "kurs/domain/feed_report.hpp"
#include "kurs/feed/feed_failure.hpp"
#include "kurs/venue/frame.hpp"

namespace kurs {

/// Callbacks of a feed, called on the loop. The first two are required. A callback that throws ends the feed.
struct FeedEvents {
    /// Called once for each frame or response, with its ticks, refusals and listings, and the time at which
    /// it was received.
    std::function<void(const Outcome&, TimePoint)> on_outcome;

    /// Called once for each change of state. `reason` is short text for the log, without secrets.
    std::function<void(FeedState, std::string_view reason)> on_state;

    /// Called once for each failed attempt or connection.
    std::function<void(FeedFailure)> on_failure = {};
};

}  // namespace kurs
