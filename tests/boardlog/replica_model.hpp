#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "model_process.hpp"

namespace kurs::model {

inline constexpr std::uint8_t replica_count = 3;

/// What may happen next.
struct Move {
    enum class Kind : std::uint8_t {
        tick,    ///< the next slot begins
        step,    ///< the next thing that the replica or one of its requests has to do
        expire,  ///< a request fails although its answer has arrived, as after a freeze
        stray,   ///< a request is carried out that has failed for its replica
        // The ends of faults.
        restart,
        thaw,
        thaw_with_answers,  ///< it sees the answers first and then its timer
        mend,
        release,
        // Faults, which are counted.
        crash,
        stop,  ///< in order: the lease is released
        freeze,
        cut,
        hold,  ///< a request or its answer is delayed
        drift,
        lose_data,
    };

    Kind kind{};
    std::uint8_t replica = 0;
    std::uint8_t detail = 0;  ///< a link, a request, or the position of a stray
};

/// Immutable values that worlds share, by their digests: worlds differ in few of their parts.
template <class T>
class Pool {
public:
    std::shared_ptr<const T> share(std::shared_ptr<const T> value, const StateDigest& digest) {
        auto& known = values_[digest];
        auto shared = known.lock();
        if (!shared) known = shared = std::move(value);
        return shared;
    }

    void forget_unused() {
        std::erase_if(values_, [](const auto& each) { return each.second.expired(); });
    }

private:
    std::unordered_map<StateDigest, std::weak_ptr<const T>, HashOfDigest> values_;
};

/// What replicas must serve under each version.
struct History {
    Content content{};                          ///< of the newest entry
    std::map<std::uint64_t, Content> versions;  ///< of all entries
    StateDigest digest;
};

struct Pools {
    Pool<Process> processes;
    Pool<ModelStore> stores;
    Pool<History> histories;

    void forget_unused();
};

/// Three replicas and their store. In each slot every running replica has turns in any order: its timer
/// fires, and its requests are carried out and answered. A fault may happen between any two steps.
class World {
public:
    /// Three replicas that have just started. The references must outlive it.
    World(const Rules& rules, Pools& pools);

    std::vector<Move> moves() const;
    void make(Move move);

    /// Ends all faults.
    void mend_all();
    /// The rest of the slot and the beginning of the next one, without faults, in the order of the replicas.
    void run_slot();

    /// One replica leads, the others follow, and all serve the same.
    bool has_converged() const;

    /// Which promise was broken; empty: none.
    const std::string& broken() const { return broken_; }
    bool is_slot_beginning() const { return is_fresh_; }
    int slot_number() const { return tick_; }
    void allow_faults(int faults, int before_slot);
    StateDigest digest() const;

    /// What the move will do, and the roles, versions and values of the replicas.
    std::string describe(Move move) const;
    std::string describe() const;

private:
    /// A value of a pool, with its digest.
    template <class T>
    struct Shared {
        std::shared_ptr<const T> value;
        StateDigest digest;

        const T* operator->() const { return value.get(); }
    };

    TimePoint store_time() const;
    TimePoint now(std::size_t replica) const;
    bool has_step(std::size_t replica) const;
    void add_recoveries(std::vector<Move>& moves) const;
    void add_faults(std::vector<Move>& moves) const;

    template <class Change>
    void change(std::size_t replica, Change change);
    template <class Change>
    void change_store(Change change);
    void apply(Move move);
    void begin_slot();
    void make_step(std::size_t replica);
    void tell(std::size_t replica, LogEvent event);
    void perform(std::size_t replica, Process& process, LogAction action);
    void answer(std::size_t replica, std::size_t request);
    void fail(std::size_t replica, std::size_t request);
    void execute(Pending& request);
    void note_published(const BoardChange& change);
    void carry_out_stray(std::size_t position);
    void end_process(std::size_t replica);
    void check(std::size_t replica, std::uint64_t version_before);
    void note_broken(std::string promise);

    const Rules* rules_;
    Pools* pools_;
    int tick_ = 0;
    int faults_left_ = 0;
    int last_fault_before_ = 0;
    int actor_ = -1;        ///< the replica that has begun a turn and not ended it
    bool is_fresh_ = true;  ///< nothing has happened in this slot yet
    std::vector<Shared<Process>> processes_;
    Shared<ModelStore> store_;
    std::vector<Pending> strays_;
    std::shared_ptr<const History> history_;
    std::string broken_;
};

}  // namespace kurs::model
