#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "kurs/boardlog/change_text.hpp"
#include "kurs/boardlog/replica_state.hpp"
#include "support/small_market.hpp"

namespace kurs {

using namespace small;
using namespace log_event;
using namespace log_action;

/// A replica whose requests the test answers. The time is a slot's beginning unless the test moves it.
class ReplicaStateTest : public testing::Test {
protected:
    static constexpr Epoch first_epoch{7}, second_epoch{8};

    /// Actions other than deliveries, and the delivered changes, since the last call.
    std::vector<LogAction> step(LogEvent event) {
        std::vector<LogAction> requests;
        for (auto& action : replica.step(std::move(event), now)) {
            if (auto* const deliver = std::get_if<Deliver>(&action)) {
                served.apply(deliver->change);
                delivered.push_back(std::move(deliver->change));
            } else {
                requests.push_back(std::move(action));
            }
        }
        return requests;
    }

    std::vector<LogAction> next_slot() {
        now += 50ms;
        return step(SlotBegan{});
    }

    template <class Action>
    static Action* find(std::vector<LogAction>& actions) {
        for (auto& action : actions) {
            if (auto* const found = std::get_if<Action>(&action)) return found;
        }
        return nullptr;
    }

    template <class Action>
    static bool has(std::vector<LogAction> actions) {
        return find<Action>(actions) != nullptr;
    }

    static BoardChange change_of(int price) {
        BoardChange change;
        change.quotes = {quote(binance, btc_usd, std::to_string(price))};
        return change;
    }

    /// A change published in the slot that begins at `slot`.
    static BoardChange published(int price, TimePoint slot) {
        auto change = change_of(price);
        change.version = Slots::version_of(slot);
        change.visible_at = slot + 100ms;
        return change;
    }

    StoredEntry entry(std::string id, std::string after, const BoardChange& change,
                      Epoch epoch = first_epoch) const {
        return {std::move(id), epoch, to_text(map, change), std::move(after)};
    }

    StoredSnapshot snapshot(const BoardChange& board) const {
        return {"10", first_epoch, to_text(map, board)};
    }

    BoardLoaded loaded(int price, std::vector<StoredEntry> entries = {}) const {
        return {snapshot(published(price, now - 150ms)), std::move(entries)};
    }

    void lead(Epoch epoch = first_epoch) {
        step(SlotBegan{});
        step(LeaseGranted{epoch, now});
        step(BoardLoaded{});
        ASSERT_EQ(replica.role(), Role::leader);
    }

    void follow(int price = 1) {
        step(SlotBegan{});
        ASSERT_TRUE(has<LoadBoard>(step(LeaseRefused{})));
        step(loaded(price));
        ASSERT_EQ(replica.role(), Role::follower);
    }

    void become_standalone() {
        step(SlotBegan{});
        step(RequestFailed{Request::lease});
        ASSERT_EQ(replica.role(), Role::standalone);
    }

    /// The leader publishes in the next slot, and the append succeeds.
    void publish() {
        auto actions = next_slot();
        auto* const append = find<Append>(actions);
        ASSERT_TRUE(append);
        step(AppendAnswered{std::to_string(++last_id), std::move(append->change)});
    }

    /// Redis renews the lease, but refuses for a second what the leader publishes. Returns whether the leader
    /// releases the lease.
    bool refuse_to_publish() {
        bool is_released = false;
        for (int slot = 0; slot < 21; ++slot) {
            auto actions = next_slot();
            if (auto* const renewal = find<RenewLease>(actions)) step(LeaseGranted{renewal->epoch, now});
            if (!find<Append>(actions)) continue;
            is_released = has<ReleaseLease>(step(RequestFailed{Request::publish})) || is_released;
        }
        return is_released;
    }

    /// The first slot in which the replica asks for the lease again.
    void wait_for_request() {
        while (!has<TakeLease>(next_slot())) ASSERT_LT(now, noon + 10s);
    }

    std::string shown() const {
        const auto* const held = served.find(binance, btc_usd);
        return held ? to_string(held->value) : "";
    }

    MarketMap map = small_market();
    TimePoint now = noon;
    ReplicaState replica{map, {.slots = {50ms, 100ms}}};
    Board served{map, 10s};
    std::vector<BoardChange> delivered;
    int last_id = 10;
};

}  // namespace kurs
