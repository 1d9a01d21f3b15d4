#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/endpoint.hpp"
#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs {

struct StreamPlan {
    std::string name;  ///< in logs and metrics: "coingecko stream"
    std::vector<Endpoint> endpoints;
    std::unique_ptr<StreamVenue> venue;
};

struct PollPlan {
    std::string name;
    Endpoint endpoint;
    std::unique_ptr<PollSession> session;
};

/// The description of one venue's feeds.
struct VenueFeeds {
    VenueId venue{};
    std::optional<StreamPlan> stream;
    std::optional<PollPlan> listing;  ///< lists which symbols the stream may subscribe to
    std::optional<PollPlan> poll;
    bool is_standby =
        false;  ///< polled more often while the venue's values are needed and no stream brings them
};

}  // namespace kurs
