#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/history.hpp"

namespace kurs {

/// A time in which one venue was active.
struct ActiveSpell {
    std::string venue;
    TimePoint from{};
    std::optional<TimePoint> to;  ///< none: it still is
    std::string reason;           ///< why it became active
};

/// Who was active from when to when, and why. Holds the newest changes only.
class Journal {
public:
    void add(ActiveChange change);

    /// Puts what an earlier run of the service recorded before what is known, oldest first.
    void restore(std::vector<ActiveChange> earlier);

    /// Oldest first. Changes that repeat the venue, as of copies that follow the same venues, are one spell.
    std::vector<ActiveSpell> spells() const;

private:
    void forget_oldest();

    std::deque<ActiveChange> changes_;
};

}  // namespace kurs
