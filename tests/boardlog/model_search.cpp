#include "model_search.hpp"

#include <iostream>
#include <ranges>
#include <unordered_map>
#include <unordered_set>

namespace kurs::model {
namespace {

struct Origin {
    std::size_t from = 0;
    Move move;
};

class Search {
public:
    Search(const Rules& rules, Scope scope, Start start) : scope_(scope), start_(rules, pools_) {
        constexpr int warm = 8;
        while (start == Start::together && (start_.slot_number() < warm || !start_.has_converged()))
            start_.run_slot();
        end_ = start_.slot_number() + scope.slots;
        start_.allow_faults(scope.faults, start_.slot_number() + scope.fault_slots);
    }

    Findings run() {
        origins_.push_back({});
        std::vector<Found> beginnings{{start_, 0}};
        while (!beginnings.empty() && found_.broken.empty()) {
            const int slot = beginnings.front().world.slot_number();
            beginnings = explore_slot(std::move(beginnings));
            if (scope_.reports)
                std::cout << "slot " << slot + scope_.slots - end_ << ": " << found_.states << " states, "
                          << found_.slot_beginnings << " slot beginnings, together again within "
                          << found_.longest_return << " slots" << std::endl;
        }
        return found_;
    }

private:
    struct Found {
        World world;
        std::size_t number = 0;  ///< of its origin
    };

    /// Returns the states in which the next slot begins. No state of a slot equals one of another.
    std::vector<Found> explore_slot(std::vector<Found> open) {
        std::unordered_set<StateDigest, HashOfDigest> seen, seen_later;
        std::vector<Found> later;
        for (const auto& each : open) seen.insert(each.world.digest());
        while (!open.empty() && found_.broken.empty()) {
            const auto [world, number] = std::move(open.back());
            open.pop_back();
            if (world.is_slot_beginning()) check_return(world, number);
            for (const Move move : world.moves()) {
                auto next = world;
                next.make(move);
                const bool is_later = next.slot_number() > world.slot_number();
                auto& known = is_later ? seen_later : seen;
                if (next.slot_number() > end_ || !known.insert(next.digest()).second) continue;
                origins_.push_back({number, move});
                if (!next.broken().empty()) {
                    found_.broken = next.broken() + trace(origins_.size() - 1);
                    break;
                }
                (is_later ? later : open).push_back({std::move(next), origins_.size() - 1});
            }
        }
        found_.states += seen.size();
        pools_.forget_unused();
        return later;
    }

    /// With all faults ended, the replicas must serve together again.
    void check_return(World world, std::size_t number) {
        ++found_.slot_beginnings;
        world.mend_all();
        std::vector<StateDigest> passed;
        int remaining = 0;
        for (; !world.has_converged(); world.run_slot()) {
            const auto known = slots_to_return_.find(world.digest());
            if (known != slots_to_return_.end()) {
                remaining = known->second;
                break;
            }
            if (!world.broken().empty() || passed.size() == static_cast<std::size_t>(scope_.return_limit)) {
                found_.broken = world.broken().empty() ? "they never serve together again" : world.broken();
                found_.broken += trace(number) + "\n  and after " + std::to_string(passed.size()) +
                                 " slots without faults:" + world.describe();
                return;
            }
            passed.push_back(world.digest());
        }
        for (const auto& digest : passed | std::views::reverse) slots_to_return_[digest] = ++remaining;
        found_.longest_return = std::max(found_.longest_return, remaining);
    }

    std::string trace(std::size_t number) const {
        std::vector<Move> moves;
        for (; number != 0; number = origins_[number].from) moves.push_back(origins_[number].move);
        auto world = start_;
        auto shown = world.describe();
        std::string text = "\n  at first:" + shown;
        for (const Move move : moves | std::views::reverse) {
            text += "\n  slot " + std::to_string(world.slot_number()) + ", " + world.describe(move);
            world.make(move);
            const auto before = std::exchange(shown, world.describe());
            if (shown != before) text += " ->" + shown;
        }
        return text;
    }

    const Scope scope_;
    Pools pools_;
    World start_;
    int end_ = 0;
    std::vector<Origin> origins_;
    std::unordered_map<StateDigest, int, HashOfDigest> slots_to_return_;
    Findings found_;
};

}  // namespace

Findings explore(const Rules& rules, Scope scope, Start start) {
    return Search(rules, scope, start).run();
}

}  // namespace kurs::model
