#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>

#include "kurs/runtime/clock.hpp"
#include "kurs/store/outbox.hpp"

namespace kurs {

namespace net = boost::asio;

class CallLimit;

struct ArchiverLimits {
    std::size_t batch_rows = 2'000;
    Duration open_limit{60'000};  ///< migrations included
    Duration save_limit{10'000};
    Duration finish_limit{3'000};  ///< from `finish` to the end
    Duration first_wait{500};      ///< after a failure; doubled with each further one
    Duration longest_wait{10'000};
    Duration maintain_every{3'600'000};
};

/// The task that writes history: takes the outbox's batches to the archive, whose calls run on a thread of
/// their own. Says in the log, once, when the archive goes away and when it is back.
class Archiver {
public:
    /// Told, once, what was known when the service last ran.
    using RecoveredSink = std::function<void(Recovered)>;

    /// All must outlive the archiver. Used on the loop only.
    Archiver(net::any_io_executor loop, const Clock& clock, Outbox& outbox, Archive& archive,
             RecoveredSink on_recovered, ArchiverLimits limits = {});
    ~Archiver();

    /// Writes until told to finish.
    net::awaitable<void> run();

    /// Has `run` write what there is, as far as it can within the limit, and end.
    void finish();

    /// Whether the archive has been opened, so that its schema is that of this build.
    bool is_fit() const { return is_fit_; }

    /// Whether what there is to write is being written, as far as is known.
    bool is_writing() const { return is_open_; }

    /// How many rows of quotes were written so far, new or later, and how many the archive did not take.
    std::size_t written() const { return written_; }
    std::size_t rejected() const { return rejected_; }

private:
    // Each returns whether it went well.
    net::awaitable<bool> open();
    net::awaitable<bool> save(const Batch& batch);
    net::awaitable<bool> save_apart(const Batch& batch);
    net::awaitable<store_result<std::size_t>> try_save(const Batch& batch);
    net::awaitable<bool> maintain();

    net::awaitable<void> wait(Duration duration);
    template <class Call>
    net::awaitable<std::invoke_result_t<Call&>> call(Duration limit, Call job);

    void note_success();
    bool note_failure(const StoreFailure& failure);  ///< returns false
    Duration until_next_second() const;

    net::any_io_executor loop_;
    const Clock& clock_;
    Outbox& outbox_;
    Archive& archive_;
    RecoveredSink on_recovered_;
    ArchiverLimits limits_;
    net::steady_timer wake_;
    std::unique_ptr<CallLimit> call_limit_;  ///< of the call that is under way, if any
    bool is_open_ = false;
    bool is_fit_ = false;
    bool is_finishing_ = false;
    std::chrono::steady_clock::time_point finish_until_;
    std::string failure_;  ///< what the log said; empty: none
    Duration next_wait_;
    std::size_t written_ = 0;
    std::size_t rejected_ = 0;
    std::size_t lost_before_ = 0;  ///< what the outbox had lost when the archive was last there
    TimePoint maintain_at_{};
    net::thread_pool thread_{1};
};

}  // namespace kurs
