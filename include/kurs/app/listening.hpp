#pragma once

#include "kurs/app/feeds.hpp"

namespace kurs {

/// All that a copy needs to listen to the venues itself: from their feeds by the pricer to a board.
class Listening {
public:
    /// All must outlive it. Begins at once, with the ticks that are known.
    Listening(net::any_io_executor loop, const Configuration& configuration, const Clock& clock, Board& board,
              IntakeEvents events, const std::vector<Tick>& known, coingecko::Spending& spending,
              Instruments& instruments, Duration foresight);

    Intake& intake() { return intake_; }
    const LineBook& lines() const { return lines_; }

    /// Ends the feeds, and returns the names of those that do not end within `limit`. To be awaited before it
    /// is destroyed.
    net::awaitable<std::vector<std::string>> end(Duration limit);

private:
    Pricer pricer_;
    LineBook lines_;
    Intake intake_;
    Feeds feeds_;
};

}  // namespace kurs
