#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/history.hpp"
#include "kurs/domain/quote.hpp"

// The ports to where history is kept. Their calls block, each on a thread of its own.
namespace kurs {

struct StoreFailure {
    std::string text;           ///< for the log: no secrets
    bool is_permanent = false;  ///< as with a schema newer than this build: trying again does not help
    bool is_overdue = false;    ///< the database ended the call at its time limit
    bool is_rejected = false;   ///< for what was given: something else may be accepted
};

template <class T>
using store_result = boost::system::result<T, StoreFailure>;

[[noreturn]] void throw_exception_from_error(const StoreFailure& failure,
                                             const boost::source_location& where);

/// The last quote of a venue and direction within a second.
struct QuoteRecord {
    TimePoint recorded_at{};  ///< when it came to the board
    VenueId venue{};
    DirectionId direction{};
    std::optional<Quote> quote;  ///< none: from here on the venue could not make the direction
};

struct Batch {
    std::vector<QuoteRecord> quotes;  ///< oldest first
    std::vector<ActiveChange> changes;
};

/// What was known when the service last ran.
struct Recovered {
    std::vector<RecordedQuote> quotes;  ///< the newest of each venue and direction of the last day
    std::vector<ActiveChange> changes;  ///< the newest, oldest first
};

/// Where quotes are written.
class Archive {
public:
    virtual ~Archive() = default;

    /// Brings the schema up to date and reads what was known. To be called before `save`, and again after a
    /// failure.
    virtual store_result<Recovered> open() = 0;

    /// Writes all of the batch or nothing, each row once however often it is given. Of a second that several
    /// write, the row recorded last stays. Returns how many rows of quotes were new or later.
    virtual store_result<std::size_t> save(const Batch& batch) = 0;

    /// Forgets what is older than it is kept. To be called once an hour or so.
    virtual store_result<void> maintain(TimePoint now) = 0;

    /// Ends the call that is under way, if any, with a failure. From any thread.
    virtual void interrupt() = 0;
};

/// Where history is asked.
class HistorySource {
public:
    virtual ~HistorySource() = default;

    virtual store_result<CandlePage> find_candles(const CandlesQuestion& question) = 0;
    virtual store_result<RecordedCourse> find_course(const CourseQuestion& question) = 0;

    /// As Archive::interrupt.
    virtual void interrupt() = 0;
};

}  // namespace kurs
