#pragma once

#include <optional>
#include <string_view>

#include "kurs/domain/time.hpp"
#include "kurs/store/shared_queue.hpp"

namespace kurs {

enum class Role : std::uint8_t {
    alone,     ///< no queue: listens to the venues for itself
    follower,  ///< another copy leads
    leader,    ///< listens to the venues for all
};

std::string_view to_string(Role role);

struct RoleLimits {
    Duration lease{2'000};
    Duration margin{300};  ///< a leader stops before its lease ends, as its clock may run a little apart
    Duration away{1'000};  ///< a follower that has not heard from the queue for so long goes on alone
};

/// Decides which role a copy has from what came of asking for the lease. A lease is counted from when it was
/// asked for.
class RolePolicy {
public:
    explicit RolePolicy(RoleLimits limits) : limits_(limits) {}

    void note_taken(Epoch epoch, TimePoint asked_at);
    void note_renewed(TimePoint asked_at);
    void note_held_by_other(TimePoint now);
    void note_failure(TimePoint now);

    /// The lease may have ended meanwhile.
    Role role(TimePoint now) const;

    /// The last in which this copy led; meaningful while it leads.
    Epoch epoch() const { return epoch_; }

private:
    RoleLimits limits_;
    Role role_ = Role::alone;
    Epoch epoch_{};
    TimePoint lease_until_{};
    TimePoint heard_at_{};  ///< when the queue last answered
};

}  // namespace kurs
