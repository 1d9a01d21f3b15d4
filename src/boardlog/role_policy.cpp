#include "kurs/boardlog/role_policy.hpp"

namespace kurs {

std::string_view to_string(Role role) {
    switch (role) {
        case Role::standalone: return "standalone";
        case Role::follower: return "follower";
        case Role::leader: return "leader";
    }
    return "unknown";
}

void RolePolicy::note_granted(Epoch epoch, TimePoint asked_at) {
    role_ = Role::leader;
    epoch_ = epoch;
    lease_until_ = asked_at + limits_.lease - limits_.margin;
    heard_at_ = asked_at;
}

void RolePolicy::note_held_by_other(TimePoint now) {
    role_ = Role::follower;
    heard_at_ = now;
}

void RolePolicy::note_failure(TimePoint now) {
    if (role_ == Role::follower && now - heard_at_ >= limits_.away) role_ = Role::standalone;
}

Role RolePolicy::role(TimePoint now) const {
    return role_ == Role::leader && now >= lease_until_ ? Role::standalone : role_;
}

}  // namespace kurs
