#pragma once

#include <chrono>
#include <map>

#include "kurs/api/api.hpp"
#include "kurs/api/topic.hpp"
#include "kurs/server/limits.hpp"

namespace kurs::server {

using SteadyTime = std::chrono::steady_clock::time_point;

/// The topics of all subscribers. Subscribers with the same query share one. A topic is kept for a while
/// after its last subscriber has left, in case the client reconnects.
class Topics {
public:
    struct Shared {
        api::Topic topic;
        std::size_t subscribers = 0;
        SteadyTime left_at{};  ///< when the last subscriber left
    };

    /// `api` must outlive it.
    Topics(api::Api& api, const PushLimits& limits) : api_(api), limits_(limits) {}

    /// Whether a subscription to this query fits the limit.
    bool has_room(const api::CoursesQuery& query);

    /// Valid until all subscribers that joined it have left.
    Shared& join(const api::CoursesQuery& query, TimePoint now);
    void leave(Shared& shared);

    void forget_abandoned(SteadyTime at) { forget(at - limits_.topic_kept); }

    /// Reports which exchangers subscribers name.
    void note_requested(TimePoint now);

private:
    void forget(SteadyTime left_before);

    api::Api& api_;
    PushLimits limits_;
    std::map<api::CoursesQuery, Shared> topics_;
};

}  // namespace kurs::server
