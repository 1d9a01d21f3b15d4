#pragma once

#include <optional>

#include "kurs/feed/feed_events.hpp"

namespace kurs {

/// Reports each change of state to the owner once.
class StateReport {
public:
    explicit StateReport(const FeedEvents& events) : events_(events) {}

    void set(FeedState state, std::string_view reason) {
        if (state_ == state) return;
        state_ = state;
        events_.on_state(state, reason);
    }

private:
    const FeedEvents& events_;
    std::optional<FeedState> state_;
};

}  // namespace kurs
