#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "kurs/venue/frame.hpp"

namespace kurs {

enum class FeedState {
    connecting,   ///< under way to the venue, or open and not all symbols have delivered yet
    live,         ///< every symbol delivers
    stale,        ///< connected, but some of the symbols are silent
    backing_off,  ///< not connected; waiting before the next attempt
};

/// The name used in logs and metrics, such as "backing_off".
std::string_view to_string(FeedState state);

/// What a feed tells its owner, on the loop. Both must be set. They must not throw: that ends the feed.
struct FeedEvents {
    /// Once for each frame or answer, with its ticks, refusals and listings.
    std::function<void(const Outcome&)> on_outcome;

    /// Once for each change. The reason is a few words for people, and holds no secrets.
    std::function<void(FeedState, std::string_view reason)> on_state;
};

}  // namespace kurs
