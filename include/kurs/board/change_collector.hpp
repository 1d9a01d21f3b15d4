#pragma once

#include <map>
#include <utility>

#include "kurs/board/board_change.hpp"

namespace kurs {

/// Merges changes until they are published. Keeps the last quote of each venue and direction.
class ChangeCollector {
public:
    void add(BoardChange change);

    /// The changes since the last call, without version and time.
    BoardChange take();

private:
    std::map<Series, std::optional<Quote>> quotes_;  ///< none: lost
    std::optional<ActiveChange> active_;
};

}  // namespace kurs
