#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>

#include "kurs/history/outbox.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs::history {

namespace net = boost::asio;

struct ArchiverLimits {
    std::size_t batch_rows = 2'000;
    Duration open_limit{60'000};  ///< including migrations
    Duration save_limit{10'000};
    Duration finish_limit{3'000};  ///< from `finish` to the end
    Duration first_wait{500};      ///< after a failure; doubled with each further one
    Duration longest_wait{10'000};
    Duration maintain_every{3'600'000};
    Duration convert_every{500};  ///< while rows of an earlier version are left; at most once a second
};

/// The task that writes history: takes batches from the outbox and writes them to the archive, whose calls
/// run on a separate thread. Logs once when the archive becomes unavailable and once when it recovers.
class Archiver {
public:
    /// Called once, with the state recovered from an earlier run.
    using RecoveredSink = std::function<void(Recovered)>;

    /// All must outlive the archiver. Used on the loop only.
    Archiver(net::any_io_executor loop, const Clock& clock, Outbox& outbox, Archive& archive,
             RecoveredSink on_recovered, ArchiverLimits limits = {});

    /// Writes until `finish` is called.
    net::awaitable<void> run();

    /// Makes `run` write the remaining rows, within the limit, and end.
    void finish();

    /// Whether the archive has been opened, so that its schema matches this build.
    bool is_fit() const { return is_fit_; }

    /// Whether rows are being written, as of the last attempt.
    bool is_writing() const { return is_open_; }

    /// The number of quote rows written so far, and the number that the archive rejected.
    std::size_t written() const { return written_; }
    std::size_t rejected() const { return rejected_; }

private:
    /// The rows of a batch that the archive rejected.
    struct Rejections {
        std::size_t count = 0;
        std::string reason;
    };

    net::awaitable<result<void>> take_step(const Batch& batch);
    Duration limit_call(Duration limit) const;
    net::awaitable<result<void>> open();
    net::awaitable<result<void>> save(const Batch& batch, Rejections& rejections);
    net::awaitable<result<void>> maintain();
    net::awaitable<void> wait(Duration duration);

    void note_written(const Rejections& rejections);
    void note_failure(const Failure& failure);

    const Clock& clock_;
    Outbox& outbox_;
    Archive& archive_;
    RecoveredSink on_recovered_;
    ArchiverLimits limits_;
    net::steady_timer wake_;
    net::steady_timer finish_;  ///< interrupts the call in progress at the deadline
    bool is_open_ = false;
    bool is_fit_ = false;
    bool is_finishing_ = false;
    std::string failure_;  ///< the logged failure; empty: none
    Duration next_wait_;
    std::size_t written_ = 0;
    std::size_t rejected_ = 0;
    std::size_t lost_before_ = 0;  ///< rows that the outbox had lost when the archive last succeeded
    TimePoint maintain_at_{};
    net::thread_pool thread_{1};
};

}  // namespace kurs::history
