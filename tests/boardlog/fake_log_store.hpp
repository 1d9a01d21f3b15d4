#pragma once

#include <map>
#include <memory>

#include "kurs/boardlog/log_store.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs {

/// The state that all replicas of a test share, in memory.
struct FakeServer {
    struct Held {
        Epoch epoch{};
        TimePoint until{};
    };

    Clock clock;
    Epoch newest{};
    std::optional<Held> lease;
    std::vector<StoredEntry> entries;
    int appended = 0;
    std::uint64_t version = 0;  ///< of the newest entry
    std::optional<StoredSnapshot> snapshot;
    std::map<std::string, std::string> notes;
};

/// One replica's access to it, which can be disconnected.
class FakeLogStore final : public LogStore {
public:
    explicit FakeLogStore(FakeServer& server) : server_(server) {}

    bool is_cut = false;
    bool refuses_entries = false;

    Answer<std::optional<Epoch>> take_lease(Duration lease) override {
        if (is_cut) co_return away();
        const auto now = server_.clock.now();
        if (server_.lease && now < server_.lease->until) co_return std::optional<Epoch>{};
        server_.newest = static_cast<Epoch>(static_cast<std::uint64_t>(server_.newest) + 1);
        server_.lease = FakeServer::Held{server_.newest, now + lease};
        co_return std::optional<Epoch>(server_.newest);
    }

    Answer<bool> renew_lease(Epoch epoch, Duration lease) override {
        if (is_cut) co_return away();
        if (!holds(epoch)) co_return false;
        server_.lease->until = server_.clock.now() + lease;
        co_return true;
    }

    Answer<bool> release_lease(Epoch epoch) override {
        if (is_cut) co_return away();
        const bool is_held = holds(epoch);
        if (is_held) server_.lease.reset();
        co_return is_held;
    }

    Answer<std::optional<std::string>> append(Epoch epoch, std::uint64_t version, std::string text,
                                              std::string snapshot) override {
        if (is_cut || refuses_entries) co_return away();
        if (epoch != server_.newest) co_return std::optional<std::string>{};
        if (version <= server_.version) co_return LogFailure{"overtaken"};
        server_.version = version;
        auto id = std::to_string(++server_.appended);
        auto after = server_.entries.empty() ? std::string() : server_.entries.back().id;
        server_.entries.push_back({id, epoch, std::move(text), std::move(after)});
        if (!snapshot.empty()) server_.snapshot = StoredSnapshot{id, epoch, std::move(snapshot)};
        co_return std::optional<std::string>(std::move(id));
    }

    Answer<std::optional<StoredSnapshot>> load_snapshot() override {
        if (is_cut) co_return away();
        co_return server_.snapshot;
    }

    Answer<std::vector<StoredEntry>> read_entries(std::string id, Duration wait) override;

    void close() override { is_cut = true; }

    Answer<bool> leave_note(std::string name, std::string text, Duration) override {
        if (is_cut) co_return away();
        server_.notes[name] = std::move(text);
        co_return true;
    }

    Answer<std::vector<std::string>> read_notes(std::vector<std::string> names) override {
        if (is_cut) co_return away();
        std::vector<std::string> texts;
        for (const auto& name : names) texts.push_back(server_.notes[name]);
        co_return texts;
    }

    Answer<std::size_t> check_in() override {
        if (is_cut) co_return away();
        co_return std::size_t{1};
    }

private:
    static LogFailure away() { return {"cut"}; }

    bool holds(Epoch epoch) const {
        return server_.lease && server_.lease->epoch == epoch && server_.clock.now() < server_.lease->until;
    }

    FakeServer& server_;
};

}  // namespace kurs
