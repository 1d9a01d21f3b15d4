#pragma once

#include <memory>
#include <vector>

#include "kurs/boardlog/replica_state.hpp"
#include "model_digest.hpp"

namespace kurs::model {

/// Where the model departs from the rules, to show that the search finds it.
struct Rules {
    bool store_fences = true;               ///< refuses entries of an older epoch
    bool store_orders = true;               ///< refuses entries that a later one has overtaken
    Duration lease_of_replicas{2'000};      ///< the store's lease is 2 s
    std::optional<std::size_t> apart = {};  ///< a replica that never returns to the others
};

/// The store as the scripts of `redis/log_store.cpp` leave it, each of which is carried out at once.
struct ModelStore {
    std::uint64_t epochs = 0;  ///< Redis makes them of the time, so they grow although its data is lost
    Epoch newest{};
    Epoch lease_of{};
    std::optional<TimePoint> lease_until;
    std::vector<std::shared_ptr<const StoredEntry>> entries;
    std::uint64_t last_version = 0;
    std::uint64_t ids = 0;
    std::string last_id;
    std::optional<StoredSnapshot> snapshot;
    bool has_lost_data = false;

    std::optional<Epoch> take_lease(TimePoint now);
    bool renew_lease(Epoch epoch, TimePoint now);
    void release_lease(Epoch epoch);
    bool has_overtaken(const log_action::Append& entry, const Rules& rules) const;
    std::optional<std::string> append(const MarketMap& map, const log_action::Append& entry,
                                      const Rules& rules);
    std::vector<StoredEntry> entries_after(const std::string& id) const;
    bool has_after(const std::string& id) const;
    void lose_data();

    StateDigest digest() const;
};

}  // namespace kurs::model
