#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "kurs/app/leader_note.hpp"
#include "kurs/copies/role_policy.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs {

/// What one copy has to tell, and where what it is told goes. All must be set, and none may throw.
struct CorrespondenceEvents {
    std::function<std::optional<Role>()> role;
    std::function<LeaderNote()> leader_note;            ///< as the leader
    std::function<void(LeaderNote)> on_leader_note;     ///< as a follower, or when this copy begins to lead
    std::function<void(VenueId, TimePoint)> on_pinned;  ///< as the leader: clients of other copies name it
};

/// What copies tell each other besides the view: the leader how it stands with its feeds, with CoinGecko's
/// credits and with history, the others which exchangers their clients name.
class Correspondence {
public:
    /// All must outlive it.
    Correspondence(const MarketMap& map, const Clock& clock, SharedQueue& queue, CorrespondenceEvents events);

    /// Runs until it is cancelled.
    net::awaitable<void> run();

    /// A client asked for this exchanger by name.
    void note_pinned(VenueId venue, TimePoint now) { pinned_at_[index(venue)] = now; }

    /// How many copies there are, as far as is known; one at least.
    std::size_t copies() const { return copies_; }

private:
    net::awaitable<void> tell_followers();
    net::awaitable<void> hear_of_pinned();
    net::awaitable<void> hear_from_leader();
    net::awaitable<void> tell_of_pinned();
    std::string pinned_note(VenueId venue) const;

    const MarketMap& map_;
    const Clock& clock_;
    SharedQueue& queue_;
    CorrespondenceEvents events_;
    std::vector<TimePoint> pinned_at_;  ///< here, of each venue
    std::vector<TimePoint> told_at_;    ///< when that was told to the leader
    std::size_t copies_ = 1;
    bool has_heard_ = false;  ///< from whoever led last
};

}  // namespace kurs
