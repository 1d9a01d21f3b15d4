#include "kurs/app/sharing.hpp"

#include <utility>

namespace kurs {

Sharing::Sharing(net::any_io_executor loop, const MarketMap& map, const Clock& clock,
                 std::unique_ptr<SharedQueue> queue, Board& served, Duration failback_after,
                 ChangeWatch on_change)
    : map_(map),
      clock_(clock),
      queue_(std::move(queue)),
      served_(served),
      failback_after_(failback_after),
      on_change_(std::move(on_change)),
      copies_(map, clock, *queue_,
              {[this](Role role) { role_ = role; }, [this](BoardChange change) { take(std::move(change)); },
               [this](BoardChange all) { take_whole(std::move(all)); }, [this] { return changes_.take(); },
               [this] { return whole(); }}),
      tasks_(std::move(loop)) {
    tasks_.spawn("role", copies_.keep_role());
    tasks_.spawn("publishing", copies_.publish());
    tasks_.spawn("following", copies_.follow());
}

Board& Sharing::begin_draft() {
    draft_.emplace(map_, failback_after_);
    draft_->replace(served_.whole());
    changes_.take();
    return *draft_;
}

net::awaitable<std::vector<std::string>> Sharing::end(Duration limit) {
    auto left = co_await tasks_.drain(limit);
    if (left.empty()) co_await copies_.leave();
    queue_->close();
    co_return left;
}

void Sharing::take(BoardChange change) {
    on_change_(change);
    if (change.visible_at <= clock_.now()) {
        follow_time(clock_.now());
        served_.apply(change);
    } else {
        pending_.add(std::move(change));
    }
}

void Sharing::take_whole(BoardChange all) {
    on_change_(all);
    pending_.clear();
    served_.replace(all);
}

BoardChange Sharing::whole() const {
    return draft_ ? draft_->whole() : served_.whole();
}

}  // namespace kurs
