#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "binance_feed.hpp"

namespace sim {

/// The prices of each symbol's book at the venue, with the times of their beginning and end, whether or not a
/// client received them. Changes of quantities alone are not recorded. Holds the newest 4096 prices of each
/// symbol.
class BookLog {
public:
    void note(const StreamEvent& event, Instant now);
    /// The payload of the book that was current at `at`. None if the log does not reach back that far.
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
