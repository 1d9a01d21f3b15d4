#include "kurs/feed/feed_state.hpp"

namespace kurs {

std::string_view to_string(FeedState state) {
    switch (state) {
        case FeedState::waiting: return "waiting";
        case FeedState::connecting: return "connecting";
        case FeedState::live: return "live";
        case FeedState::stale: return "stale";
        case FeedState::backing_off: return "backing_off";
    }
    return "unknown";
}

}  // namespace kurs
