#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kurs/domain/history.hpp"
#include "kurs/domain/quote.hpp"
#include "kurs/domain/tick.hpp"

// The ports to the history store. Calls block, each on its own thread, and end within `limit`.
namespace kurs::history {

struct Failure {
    HistoryFailure kind = HistoryFailure::away;
    std::string text;  ///< for the log; contains no secrets
};

template <class T>
using result = boost::system::result<T, Failure>;

/// Called by result<T>::value() on a failure: reading the value of a failed result is a bug.
[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location& where) {
    throw std::logic_error("unchecked failure '" + failure.text + "' at " + where.to_string());
}

/// The last quote of a venue and direction within a second.
struct QuoteRecord {
    TimePoint recorded_at{};  ///< when it reached the board
    VenueId venue{};
    DirectionId direction{};
    std::optional<Quote> quote;  ///< none: from here on the venue cannot make the direction
};

struct Batch {
    std::vector<QuoteRecord> quotes;  ///< oldest first
    std::vector<ActiveChange> changes;

    std::size_t size() const { return quotes.size() + changes.size(); }
};

/// The state when the service last ran.
struct Recovered {
    std::vector<Tick> ticks;            ///< those that the newest quotes of the last day were made from
    std::vector<ActiveChange> changes;  ///< the newest, oldest first
};

/// The store that history is written to.
class Archive {
public:
    virtual ~Archive() = default;

    /// Upgrades the schema and reads the recovered state. Must be called before `save`, and again after a
    /// failure.
    virtual result<Recovered> open(Duration limit) = 0;

    /// Writes the whole batch or nothing. Writing a row again changes nothing. If several replicas write the
    /// same second, the row recorded last wins. Returns the number of quote rows that were new or newer.
    virtual result<std::size_t> save(const Batch& batch, Duration limit) = 0;

    /// Deletes rows older than the retention period, and converts a bounded number of rows that an earlier
    /// version wrote. To be called about once an hour, and soon again if it returns true: there are more.
    virtual result<bool> maintain(TimePoint now, Duration limit) = 0;

    /// Makes the call in progress, if any, fail. Can be called from any thread.
    virtual void interrupt() = 0;
};

/// The store that history is read from.
class Source {
public:
    virtual ~Source() = default;

    /// A page of candles, or a recorded course.
    virtual result<HistoryFinding> find(const HistoryQuestion& question, Duration limit) = 0;
};

}  // namespace kurs::history
