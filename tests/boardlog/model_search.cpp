#include "model_search.hpp"

#include <deque>
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
    Search(const Rules& rules, Scope scope, Start start) : scope_(scope), start_(rules) {
        constexpr int warm = 8;
        while (start == Start::together && (start_.slot_number() < warm || !start_.has_converged()))
            start_.run_slot();
        end_ = start_.slot_number() + scope.slots;
        start_.allow_faults(scope.faults, start_.slot_number() + scope.fault_slots);
    }

    Findings run() {
        std::deque<std::pair<World, std::size_t>> open;
        origins_.push_back({});
        seen_.insert(start_.digest());
        open.emplace_back(start_, 0);
        while (!open.empty() && found_.broken.empty()) {
            const auto [world, number] = std::move(open.front());
            open.pop_front();
            if (world.is_slot_beginning()) check_return(world, number);
            for (const Move move : world.moves()) {
                auto next = world;
                next.make(move);
                if (next.slot_number() > end_ || !seen_.insert(next.digest()).second) continue;
                origins_.push_back({number, move});
                if (!next.broken().empty()) {
                    found_.broken = next.broken() + trace(origins_.size() - 1);
                    break;
                }
                open.emplace_back(std::move(next), origins_.size() - 1);
            }
        }
        found_.states = seen_.size();
        return found_;
    }

private:
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
    World start_;
    int end_ = 0;
    std::vector<Origin> origins_;
    std::unordered_set<StateDigest, HashOfDigest> seen_;
    std::unordered_map<StateDigest, int, HashOfDigest> slots_to_return_;
    Findings found_;
};

}  // namespace

Findings explore(const Rules& rules, Scope scope, Start start) {
    return Search(rules, scope, start).run();
}

}  // namespace kurs::model
