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
    const bool was_given_up = must_prove_itself_ && epoch == epoch_ && role_ != Role::leader;
    if (was_given_up) return;  // it was renewed before it was released
    if (epoch != epoch_) unpublished_since_.reset();
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

void RolePolicy::note_published() {
    unpublished_since_.reset();
    must_prove_itself_ = false;
}

bool RolePolicy::note_unpublished(TimePoint now) {
    if (!unpublished_since_) unpublished_since_ = now;
    if (role_ != Role::leader || now - *unpublished_since_ < limits_.away) return false;
    role_ = Role::standalone;
    unpublished_since_.reset();
    must_prove_itself_ = true;
    return true;
}

Role RolePolicy::role(TimePoint now) const {
    if (role_ != Role::leader) return role_;
    return holds_lease(now) && !must_prove_itself_ ? Role::leader : Role::standalone;
}

}  // namespace kurs
