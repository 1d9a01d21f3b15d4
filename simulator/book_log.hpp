#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "binance_feed.hpp"

namespace sim {

/// The prices that each symbol's book showed at the venue, from when to when, whether or not a client
/// received them. A change of quantities only is not recorded. Holds the newest 4096 prices of each symbol.
class BookLog {
public:
    void note(const StreamEvent& event, Instant now);
    /// The payload of the book that was current at `at`. Nothing: the log does not reach back that far.
    std::optional<std::string> find(std::string_view symbol, Instant at) const;
    /// The body of GET /books: prices that were replaced at `since` or later, and the current ones.
    std::string report(Instant since, Instant now) const;

private:
    struct Entry {
        std::string payload;
        Instant from;
    };

    std::map<std::string, std::deque<Entry>, std::less<>> entries_;
};

}  // namespace sim
