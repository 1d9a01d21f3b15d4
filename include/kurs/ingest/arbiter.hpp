#pragma once

#include <optional>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

/// Chooses between the connections to a venue. The same value arrives on each of them; only its first arrival
/// is news. Pure: time is an argument.
class Arbiter {
public:
    explicit Arbiter(const MarketMap& map) : newest_(map.symbols.size()) {}

    /// The ticks that no other connection has delivered or overtaken. The venue's sequence decides, or the
    /// time of the value if the venue has none. A connection is not compared with itself: that is the tick
    /// filter's task. A symbol's newest tick is forgotten after a minute, so that a restarted numbering
    /// passes.
    std::vector<Tick> news(std::size_t connection, std::vector<Tick> ticks, TimePoint now);

private:
    struct Newest {
        Tick tick;
        std::size_t connection = 0;
        TimePoint received_at{};
    };

    bool is_news(std::size_t connection, const Tick& tick, TimePoint now);

    std::vector<std::optional<Newest>> newest_;  ///< of each symbol
};

}  // namespace kurs
