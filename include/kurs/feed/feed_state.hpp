#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "kurs/feed/line_failure.hpp"
#include "kurs/venue/frame.hpp"

namespace kurs {

enum class FeedState {
    waiting,      ///< a poll whose turn has not come since this run began: the venue was asked not long ago
    connecting,   ///< under way to the venue, or open and not all symbols have delivered yet
    live,         ///< every symbol delivers
    stale,        ///< connected, but some of the symbols are silent
    backing_off,  ///< not connected; waiting before the next attempt
};

/// The name used in logs and metrics, such as "backing_off".
std::string_view to_string(FeedState state);

/// What a feed tells its owner, on the loop. The first two must be set. They must not throw: that ends the
/// feed.
struct FeedEvents {
    /// Once for each frame or answer, with its ticks, refusals and listings.
    std::function<void(const Outcome&)> on_outcome;

    /// Once for each change. The reason is a few words for people, and holds no secrets.
    std::function<void(FeedState, std::string_view reason)> on_state;

    /// Once for each attempt or connection that failed.
    std::function<void(LineFailure)> on_failure = {};
};

}  // namespace kurs
