#include "model_store.hpp"

#include <algorithm>

#include "kurs/boardlog/change_text.hpp"

namespace kurs::model {
namespace {

using namespace std::chrono_literals;

constexpr Duration lease_length = 2s;

std::uint64_t number_of(const std::string& id) {
    return id.empty() ? 0 : std::stoull(id);
}

}  // namespace

std::optional<Epoch> ModelStore::take_lease(TimePoint now) {
    if (lease_until && now < *lease_until) return std::nullopt;
    newest = static_cast<Epoch>(++epochs);
    lease_of = newest;
    lease_until = now + lease_length;
    return newest;
}

bool ModelStore::renew_lease(Epoch epoch, TimePoint now) {
    if (!lease_until || now >= *lease_until || epoch != lease_of) return false;
    lease_until = now + lease_length;
    return true;
}

void ModelStore::release_lease(Epoch epoch) {
    if (epoch == lease_of) lease_until.reset();
}

bool ModelStore::has_overtaken(const log_action::Append& entry, const Rules& rules) const {
    return rules.store_orders && entry.epoch == newest && entry.change.version <= last_version;
}

std::optional<std::string> ModelStore::append(const MarketMap& map, const log_action::Append& entry,
                                              const Rules& rules) {
    if (rules.store_fences && entry.epoch != newest) return std::nullopt;
    last_version = std::max(last_version, entry.change.version);
    auto id = std::to_string(++ids);
    entries.push_back(
        std::make_shared<StoredEntry>(StoredEntry{id, entry.epoch, to_text(map, entry.change), last_id}));
    last_id = id;
    if (entry.snapshot) snapshot = StoredSnapshot{id, entry.epoch, to_text(map, *entry.snapshot)};
    return id;
}

std::vector<StoredEntry> ModelStore::entries_after(const std::string& id) const {
    std::vector<StoredEntry> after;
    for (const auto& entry : entries) {
        if (number_of(entry->id) > number_of(id)) after.push_back(*entry);
    }
    return after;
}

bool ModelStore::has_after(const std::string& id) const {
    return !entries.empty() && number_of(entries.back()->id) > number_of(id);
}

void ModelStore::lose_data() {
    has_lost_data = true;
    newest = {};
    lease_until.reset();
    entries.clear();
    last_id.clear();
    snapshot.reset();
    last_version = 0;
}

StateDigest ModelStore::digest() const {
    StateDigest digest;
    digest.add(epochs);
    digest.add(newest);
    digest.add(lease_of);
    digest.add(lease_until);
    for (const auto& entry : entries) digest.add(*entry);
    digest.add(ids);
    digest.add(last_version);
    digest.add(std::uint64_t{has_lost_data});
    digest.add(last_id);
    digest.add(snapshot);
    return digest;
}

}  // namespace kurs::model
