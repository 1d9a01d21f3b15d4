#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kurs/boardlog/replica_state.hpp"

namespace kurs {

/// 128 bits that identify a state: two states with the same digest are taken for the same one.
struct StateDigest {
    std::uint64_t first = 0x9e3779b97f4a7c15;
    std::uint64_t second = 0xc2b2ae3d27d4eb4f;

    void add(std::uint64_t value);
    void add(std::string_view text);
    void add(TimePoint time) { add(static_cast<std::uint64_t>(time.time_since_epoch().count())); }
    void add(Epoch epoch) { add(static_cast<std::uint64_t>(epoch)); }
    void add(const BoardChange& change);
    void add(const RolePolicy& policy);
    void add(const ReplicaState& state);
    void add(const StoredEntry& entry);
    void add(const StoredSnapshot& snapshot);
    void add(const LogEvent& answer);

    template <class T>
    void add(const std::optional<T>& value) {
        add(std::uint64_t{value.has_value()});
        if (value) add(*value);
    }

    bool operator==(const StateDigest&) const = default;
};

struct HashOfDigest {
    std::size_t operator()(const StateDigest& digest) const { return digest.first; }
};

}  // namespace kurs
