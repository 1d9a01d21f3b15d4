#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs {

/// Identifies a leader. The epoch grows each time the lease is taken, so that entries of an earlier leader
/// can be refused. It must also grow when Redis has lost its data, so epochs are not small numbers.
enum class Epoch : std::uint64_t {};

enum class Role : std::uint8_t {
    standalone,  ///< Redis is unreachable: listens to the venues for itself
    follower,    ///< another replica leads
    leader,      ///< listens to the venues for all replicas
};

std::string_view to_string(Role role);

struct RoleLimits {
    Duration lease{2'000};
    Duration margin{300};  ///< a leader stops this long before its lease ends, because clocks drift
    Duration away{1'000};  ///< after this long, a follower that has not reached Redis, or a leader that
                           ///< cannot publish, becomes standalone
};

/// Derives a replica's role from the results of its lease requests.
class RolePolicy {
public:
    explicit RolePolicy(RoleLimits limits) : limits_(limits) {}

    void note_granted(Epoch epoch, TimePoint asked_at);  ///< taken or renewed
    void note_held_by_other(TimePoint now);
    void note_failure(TimePoint now);

    void note_published();

    /// Redis refuses what this replica publishes, although it may renew the lease. Returns whether the
    /// replica gives up the lease: another one may be able to publish.
    bool note_unpublished(TimePoint now);

    /// The lease may have expired meanwhile.
    Role role(TimePoint now) const;

    bool holds_lease(TimePoint now) const { return role_ == Role::leader && now < lease_until_; }

    /// A replica that has failed to publish leads again only after it has published something.
    bool must_prove_itself() const { return must_prove_itself_; }

    /// The epoch of this replica's last leadership; meaningful while it leads.
    Epoch epoch() const { return epoch_; }

private:
    friend struct StateDigest;  // of the model checker

    RoleLimits limits_;
    Role role_ = Role::standalone;
    Epoch epoch_{};
    TimePoint lease_until_{};
    TimePoint heard_at_{};  ///< when Redis last replied
    std::optional<TimePoint> unpublished_since_;
    bool must_prove_itself_ = false;
};

}  // namespace kurs
