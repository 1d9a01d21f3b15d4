#include "model_digest.hpp"

#include <functional>

namespace kurs {
namespace {

std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

}  // namespace

void StateDigest::add(std::uint64_t value) {
    first = mix(first ^ value);
    second = mix(second + 0x9e3779b97f4a7c15 * (value + 1));
}

void StateDigest::add(std::string_view text) {
    add(std::uint64_t{text.size()});
    add(std::uint64_t{std::hash<std::string_view>{}(text)});
}

void StateDigest::add(const BoardChange& change) {
    add(change.version);
    add(change.visible_at);
    add(std::uint64_t{change.is_snapshot});
    for (const auto& quote : change.quotes) {
        add(index(quote.direction));
        add(to_string(quote.value));
    }
    for (const auto& lost : change.lost) add(~index(lost.direction));
}

void StateDigest::add(const RolePolicy& policy) {
    add(static_cast<std::uint64_t>(policy.role_));
    add(policy.epoch_);
    add(policy.lease_until_);
    add(policy.heard_at_);
    add(policy.unpublished_since_);
    add(std::uint64_t{policy.must_prove_itself_});
}

void StateDigest::add(const ReplicaState& state) {
    add(state.policy_);
    add(std::uint64_t{state.role_ ? static_cast<std::uint64_t>(*state.role_) : 9});
    add(state.newest_.snapshot());
    add(state.version_);
    for (const auto& change : state.unserved_) add(change);
    add(state.own_version_);
    add(state.common_since_);
    const bool flags[] = {state.is_apart_,   state.has_asked_,       state.is_asking_,
                          state.has_looked_, state.is_publishing_,   state.must_publish_all_,
                          state.is_reading_, state.has_own_changes_, state.cannot_read_};
    for (const bool flag : flags) add(std::uint64_t{flag});
    for (const auto time : {state.ask_at_, state.slot_, state.snapshot_at_, state.read_at_}) add(time);
    auto written = state.written_;
    add(written.take());
    add(std::uint64_t{state.position_.has_value()});
    if (state.position_) add(std::string_view(*state.position_));
    add(state.newest_epoch_);
}

void StateDigest::add(const StoredEntry& entry) {
    add(std::string_view(entry.id));
    add(entry.epoch);
    add(std::string_view(entry.text));
    add(std::string_view(entry.after));
}

void StateDigest::add(const StoredSnapshot& snapshot) {
    add(std::string_view(snapshot.id));
    add(snapshot.epoch);
    add(std::string_view(snapshot.text));
}

void StateDigest::add(const LogEvent& answer) {
    add(std::uint64_t{answer.index()});
    if (const auto* const granted = std::get_if<log_event::LeaseGranted>(&answer)) {
        add(granted->epoch);
        add(granted->asked_at);
    } else if (const auto* const loaded = std::get_if<log_event::BoardLoaded>(&answer)) {
        add(loaded->snapshot);
        for (const auto& entry : loaded->entries) add(entry);
    } else if (const auto* const read = std::get_if<log_event::EntriesRead>(&answer)) {
        for (const auto& entry : read->entries) add(entry);
    } else if (const auto* const appended = std::get_if<log_event::AppendAnswered>(&answer)) {
        add(std::string_view(appended->id.value_or("")));
        add(appended->change);
    }
}

}  // namespace kurs
