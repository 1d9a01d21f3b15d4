#pragma once

#include <deque>

#include "kurs/board/board.hpp"

namespace kurs {

/// Changes that wait for the moment from which they are served. So copies that hear of a change a little
/// apart show it from the same moment on.
class PendingChanges {
public:
    void add(BoardChange change) { changes_.push_back(std::move(change)); }

    /// Puts on the board what is due. To be called before each answer.
    void apply_due(Board& board, TimePoint now) {
        if (changes_.empty() || changes_.front().visible_at > now) return;
        apply_all_due(board, now);
    }

    void clear() { changes_.clear(); }

    /// Puts all of them on a board that is not served yet.
    void copy_to(Board& board) const {
        for (const auto& change : changes_) board.apply(change);
    }

private:
    void apply_all_due(Board& board, TimePoint now);

    std::deque<BoardChange> changes_;
};

}  // namespace kurs
