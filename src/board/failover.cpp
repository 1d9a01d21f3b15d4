#include "kurs/board/failover.hpp"

#include <algorithm>

namespace kurs {
namespace {

constexpr Duration start_lasts{1000};

std::string count_text(std::size_t fresh) {
    return std::to_string(fresh) + " fresh";
}

}  // namespace

Failover::Failover(std::size_t venues, Duration failback_after)
    : standings_(venues), failback_after_(failback_after) {}

std::optional<Failover::Decision> Failover::decide(const std::vector<std::size_t>& fresh, TimePoint now) {
    const auto best = static_cast<std::size_t>(std::ranges::max_element(fresh) - fresh.begin());
    if (fresh.empty() || fresh[best] == 0) {
        for (auto& standing : standings_) standing.healthy_since.reset();
        return std::nullopt;
    }
    for (std::size_t i = 0; i < standings_.size(); ++i) {
        auto& most_fresh = standings_[i].most_fresh;
        most_fresh = std::max(most_fresh, fresh[i]);
    }
    const auto decide_for = [&](std::size_t to, std::string reason) {
        change_to(to, active_ && standings_[*active_].most_fresh >= fresh[to]);
        return Decision{to, std::move(reason)};
    };
    // What another replica has decided is no start.
    if (!first_fresh_at_) first_fresh_at_ = active_ ? TimePoint{} : now;
    const bool is_starting = now - *first_fresh_at_ < start_lasts;
    if (!active_) {
        if (is_starting && best != 0) return std::nullopt;
        return decide_for(best, count_text(fresh[best]) + " at start");
    }

    for (std::size_t i = 0; i < standings_.size(); ++i) {
        const bool is_healthy = fresh[i] > 0 && fresh[i] >= fresh[*active_];
        auto& since = standings_[i].healthy_since;
        if (!is_healthy) since.reset();
        if (is_healthy && !since) since = now;
    }

    const auto counts = [&](std::size_t to) {
        return count_text(fresh[to]) + " against " + std::to_string(fresh[*active_]);
    };
    if (is_starting && fresh[*active_] > 0) return std::nullopt;
    // Switches at once to a better venue of lower priority, or when the active venue serves nothing.
    if (best > *active_ || (best != *active_ && fresh[*active_] == 0)) {
        return decide_for(best, counts(best));
    }
    for (std::size_t i = 0; i < *active_; ++i) {
        if (may_take_over(i, now)) return decide_for(i, "preferred and healthy, " + counts(i));
    }
    return std::nullopt;
}

void Failover::follow(std::size_t active) {
    if (active_ != active) change_to(active, true);
}

bool Failover::may_take_over(std::size_t venue, TimePoint now) const {
    const auto& standing = standings_[venue];
    if (!standing.healthy_since) return false;
    return !standing.has_failed || now - *standing.healthy_since >= failback_after_;
}

void Failover::change_to(std::size_t venue, bool has_failed) {
    if (active_) {
        standings_[*active_].has_failed = has_failed;
        standings_[*active_].healthy_since.reset();
    }
    standings_[venue].has_failed = false;
    active_ = venue;
}

}  // namespace kurs
