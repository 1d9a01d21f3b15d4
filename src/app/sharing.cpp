#include "kurs/app/sharing.hpp"

#include <utility>

namespace kurs {

Sharing::Sharing(net::any_io_executor loop, const MarketMap& map, const Clock& clock, SharedQueue& queue,
                 Board& served, Duration failback_after, History& history, coingecko::Spending& spending,
                 PeerEvents events)
    : map_(map),
      clock_(clock),
      queue_(queue),
      served_(served),
      failback_after_(failback_after),
      history_(history),
      spending_(spending),
      events_(std::move(events)),
      copies_(map, clock, queue_,
              {[this](Role role, Epoch) { note_role(role); },
               [this](BoardChange change) { take(std::move(change)); },
               [this](BoardChange all) { take_whole(std::move(all)); },
               [this](TimePoint end) { note_earlier_end(end); }, [this] { return changes_.take(); },
               [this] { return whole(); }}),
      correspondence_(map, clock, queue_,
                      {[this] { return role_; }, [this] { return leader_note(); },
                       [this](LeaderNote note) { take(std::move(note)); }, events_.on_pinned}),
      tasks_(std::move(loop)) {
    tasks_.spawn("role", copies_.keep_role());
    tasks_.spawn("publishing", copies_.publish());
    tasks_.spawn("following", copies_.follow());
    tasks_.spawn("correspondence", correspondence_.run());
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

void Sharing::note_role(Role role) {
    role_ = role;
    // Copies that cannot agree spend an equal share each.
    spending_.share_among(role == Role::alone ? static_cast<int>(correspondence_.copies()) : 1);
}

LeaderNote Sharing::leader_note() const {
    return {clock_.now(), events_.lines(), spending_};
}

void Sharing::take(LeaderNote note) {
    if (role_ == Role::follower) {
        spending_ = note.spending;
    } else {
        spending_.join(note.spending);
    }
    leader_lines_ = std::move(note.lines);
}

void Sharing::note_earlier_end(TimePoint end) {
    BoardChange ended;
    ended.active = ActiveChange{end, "", "all copies had stopped"};
    history_.record(ended);
}

void Sharing::take(BoardChange change) {
    history_.record(change);
    note_version(change.version);
    serve(std::move(change));
}

void Sharing::take_whole(BoardChange all) {
    history_.note_known(all);
    pending_.clear();
    note_version(all.version);
    serve(std::move(all));
}

/// While this copy is on its own, what others show is not known here, nor there what it shows.
void Sharing::note_version(std::uint64_t version) {
    if (role_ == Role::alone) {
        shared_since_.reset();
    } else if (!shared_since_) {
        shared_since_ = version;
    }
}

/// From its moment on, which for one that joins may be to come: else it would be ahead of the others.
void Sharing::serve(BoardChange change) {
    if (change.visible_at <= clock_.now()) {
        follow_time(clock_.now());
        served_.apply(change);
    } else {
        pending_.add(std::move(change));
    }
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
