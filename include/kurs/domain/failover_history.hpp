#pragma once

#include <deque>

#include "kurs/domain/history.hpp"

namespace kurs {

/// A period during which one venue was active.
struct ActivePeriod {
    std::string venue;
    TimePoint from{};
    std::optional<TimePoint> to;  ///< none: still active
    std::string reason;           ///< why it became active

    friend bool operator==(const ActivePeriod&, const ActivePeriod&) = default;
};

/// Which venue was active when, and why. Holds the newest hundred changes.
class FailoverHistory {
public:
    void add(ActiveChange change);

    /// Inserts the changes recorded by earlier runs, oldest first, before the known ones.
    void restore(const std::vector<ActiveChange>& earlier);

    /// Oldest first. Consecutive changes to the same venue, which several replicas may record, form one
    /// period.
    std::vector<ActivePeriod> periods() const;

private:
    void forget_oldest();

    std::deque<ActiveChange> changes_;
};

}  // namespace kurs
