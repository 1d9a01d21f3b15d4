#include "kurs/board/pending_changes.hpp"

namespace kurs {

void PendingChanges::apply_all_due(Board& board, TimePoint now) {
    while (!changes_.empty() && changes_.front().visible_at <= now) {
        board.apply(changes_.front());
        changes_.pop_front();
    }
}

}  // namespace kurs
