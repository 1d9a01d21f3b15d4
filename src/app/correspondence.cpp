#include "kurs/app/correspondence.hpp"

#include <algorithm>
#include <utility>

#include "kurs/runtime/task_group.hpp"

namespace kurs {
namespace {

constexpr Duration write_every = std::chrono::seconds(1);

/// So that the credits that were spent are known to whoever comes after an outage of all copies.
constexpr Duration leader_note_kept = std::chrono::hours(24);

// An exchanger that clients name stays needed for two minutes, so that it need not be told often.
constexpr Duration pinned_note_kept = std::chrono::seconds(20);
constexpr Duration tell_again_after = std::chrono::seconds(10);

constexpr auto leader_note_name = "leader";

}  // namespace

Correspondence::Correspondence(const MarketMap& map, const Clock& clock, SharedQueue& queue,
                               CorrespondenceEvents events)
    : map_(map),
      clock_(clock),
      queue_(queue),
      events_(std::move(events)),
      pinned_at_(map.venues.size()),
      told_at_(map.venues.size()) {}

net::awaitable<void> Correspondence::run() {
    for (;;) {
        const auto count = co_await queue_.check_in();
        if (count) copies_ = std::max<std::size_t>(*count, 1);
        const auto role = events_.role();
        if (role == Role::leader) {
            if (!has_heard_) co_await hear_from_leader();
            co_await tell_followers();
            co_await hear_of_pinned();
        } else if (role == Role::follower) {
            co_await hear_from_leader();
            co_await tell_of_pinned();
        }
        co_await sleep_for(write_every);
    }
}

net::awaitable<void> Correspondence::tell_followers() {
    auto text = to_text(map_, events_.leader_note());
    co_await queue_.leave_note(leader_note_name, std::move(text), leader_note_kept);
}

net::awaitable<void> Correspondence::hear_of_pinned() {
    std::vector<std::string> names;
    for (const VenueId venue : map_.exchangers) names.push_back(pinned_note(venue));
    const auto notes = co_await queue_.read_notes(std::move(names));
    if (!notes || notes->size() != map_.exchangers.size()) co_return;
    for (std::size_t i = 0; i < notes->size(); ++i) {
        if (!(*notes)[i].empty()) events_.on_pinned(map_.exchangers[i], clock_.now());
    }
}

net::awaitable<void> Correspondence::hear_from_leader() {
    std::vector<std::string> names{leader_note_name};
    const auto notes = co_await queue_.read_notes(std::move(names));
    if (!notes || notes->empty()) co_return;
    has_heard_ = true;
    auto note = parse_leader_note(map_, notes->front());
    if (note) events_.on_leader_note(*std::move(note));
}

net::awaitable<void> Correspondence::tell_of_pinned() {
    for (const VenueId venue : map_.exchangers) {
        auto& told_at = told_at_[index(venue)];
        const auto now = clock_.now();
        if (pinned_at_[index(venue)] <= told_at || now - told_at < tell_again_after) continue;
        told_at = now;
        auto name = pinned_note(venue);
        auto text = std::to_string(now.time_since_epoch().count());
        co_await queue_.leave_note(std::move(name), std::move(text), pinned_note_kept);
    }
}

std::string Correspondence::pinned_note(VenueId venue) const {
    return "pinned:" + map_.name(venue);
}

}  // namespace kurs
