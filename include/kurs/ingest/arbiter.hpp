#pragma once

#include <optional>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

/// Chooses between the connections to a venue. The same value arrives on each of them; only its first arrival
/// is news. Pure: time is an argument.
class Arbiter {
public:
    struct Source {
        std::size_t number = 0;  ///< of the connection
        bool is_bridge = false;  ///< a poll that stands in for a stream
    };

    /// `map` must outlive it.
    explicit Arbiter(const MarketMap& map) : map_(map), newest_(map.symbols.size()) {}

    /// The ticks that no other connection has delivered or overtaken. The venue's sequence decides, or the
    /// time of the value if the venue has none. A connection is not compared with itself: that is the tick
    /// filter's task. A connection that was silent for long dates its next value by what it heard before: a
    /// value that is dated before the newest one waits until it is dated better. A symbol's newest tick is
    /// forgotten after a minute, so that a restarted numbering passes. A bridge's values are dated by another
    /// clock: they count once the stream's newest value is half the age limit old. When it arrived does not
    /// matter: a new connection repeats what was known.
    std::vector<Tick> news(Source source, std::vector<Tick> ticks, TimePoint now);

private:
    struct Newest {
        Tick tick;
        Source source;
        TimePoint received_at{};
    };

    bool is_news(Source source, const Tick& tick, TimePoint now);
    bool is_bridged(const Tick& tick, const Newest& newest, TimePoint now) const;

    const MarketMap& map_;
    std::vector<std::optional<Newest>> newest_;  ///< of each symbol
};

}  // namespace kurs
