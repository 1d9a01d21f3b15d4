#include "kurs/boardlog/local_board_log.hpp"

#include <utility>

#include "kurs/boardlog/slots.hpp"

namespace kurs {

// The first version is the time in microseconds. It is larger than that of any earlier run, as long as the
// board changes less than once per microsecond.
LocalBoardLog::LocalBoardLog(const Clock& clock, Board& served, BoardLogEvents events)
    : clock_(clock), served_(served), events_(std::move(events)), version_(Slots::version_of(clock.now())) {
    BoardChange first;
    first.version = version_;
    served_.apply(first);
}

void LocalBoardLog::append(BoardChange change, TimePoint at) {
    change.version = ++version_;
    change.visible_at = at;
    served_.apply(change);
    events_.on_change(change);
}

net::awaitable<bool> LocalBoardLog::close(Duration) {
    if (served_.active()) {
        BoardChange stop;
        const auto now = clock_.now();
        stop.active = ActiveChange{now, std::nullopt, "stopped"};
        append(std::move(stop), now);
    }
    co_return true;
}

}  // namespace kurs
