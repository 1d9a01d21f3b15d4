#include "kurs/app/sharing.hpp"

#include <utility>

namespace kurs {

Sharing::Sharing(net::any_io_executor loop, const MarketMap& map, const Clock& clock, SharedQueue& queue,
                 Board& served, Duration failback_after, History& history)
    : map_(map),
      clock_(clock),
      queue_(queue),
      served_(served),
      failback_after_(failback_after),
      history_(history),
      copies_(map, clock, queue_,
              {[this](Role role, Epoch epoch) { note_role(role, epoch); },
               [this](BoardChange change) { take(std::move(change)); },
               [this](BoardChange all) { take_whole(std::move(all)); },
               [this](TimePoint end) { note_earlier_end(end); }, [this] { return changes_.take(); },
               [this] { return whole(); }}),
      tasks_(std::move(loop)) {
    tasks_.spawn("role", copies_.keep_role());
    tasks_.spawn("publishing", copies_.publish());
    tasks_.spawn("following", copies_.follow());
}

Board& Sharing::begin_draft() {
    draft_.emplace(newest());
    return *draft_;
}

net::awaitable<std::vector<std::string>> Sharing::stop(Duration limit) {
    tasks_.stop();
    return tasks_.drain(limit);
}

net::awaitable<void> Sharing::leave() {
    return copies_.leave();
}

void Sharing::note_role(Role role, Epoch epoch) {
    role_ = role;
    if (history_.relay()) history_.relay()->note_role(role, epoch);
}

void Sharing::note_earlier_end(TimePoint end) {
    BoardChange ended;
    ended.active = ActiveChange{end, "", "all copies had stopped"};
    history_.record(ended);
}

bool Sharing::is_current(TimePoint now) const {
    return ViewPace{}.is_current(served_.version(), now);
}

void Sharing::take(BoardChange change) {
    history_.record(change);
    if (change.visible_at <= clock_.now()) {
        follow_time(clock_.now());
        served_.apply(change);
    } else {
        pending_.add(std::move(change));
    }
}

void Sharing::take_whole(BoardChange all) {
    history_.note_known(all);
    pending_.clear();
    served_.replace(all);
}

Board Sharing::newest() const {
    Board board(map_, failback_after_);
    board.replace(served_.whole());
    pending_.copy_to(board);
    return board;
}

BoardChange Sharing::whole() const {
    return draft_ ? draft_->whole() : newest().whole();
}

}  // namespace kurs
