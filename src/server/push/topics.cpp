#include "server/push/topics.hpp"

namespace kurs::server {

bool Topics::has_room(const api::CoursesQuery& query) {
    if (topics_.size() >= limits_.topics) forget(std::chrono::steady_clock::now());
    return topics_.size() < limits_.topics || topics_.contains(query);
}

Topics::Shared& Topics::join(const api::CoursesQuery& query, TimePoint now) {
    auto known = topics_.find(query);
    if (known == topics_.end()) {
        const auto is_shared = [this](std::uint64_t version) { return api_.is_shared(version); };
        known = topics_.emplace(query, Shared{api::Topic(api_.board(), query, now, is_shared)}).first;
    }
    ++known->second.subscribers;
    return known->second;
}

void Topics::leave(Shared& shared) {
    if (--shared.subscribers > 0) return;
    shared.left_at = std::chrono::steady_clock::now();
    shared.topic.forget_messages();
}

void Topics::note_requested(TimePoint now) {
    for (const auto& [query, shared] : topics_) {
        if (query.venue && shared.subscribers > 0) api_.note_requested(*query.venue, now);
    }
}

void Topics::forget(SteadyTime left_before) {
    std::erase_if(topics_, [=](const auto& entry) {
        return entry.second.subscribers == 0 && entry.second.left_at < left_before;
    });
}

}  // namespace kurs::server
