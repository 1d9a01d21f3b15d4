#include "kurs/history/archiver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>

#include "kurs/history/outbox.hpp"

namespace kurs::history {
namespace {

using namespace std::chrono_literals;

constexpr VenueId binance{0};
constexpr DirectionId btc_usd{0};

/// Runs the test's script on the archiver's thread.
class FakeArchive final : public Archive {
public:
    result<Recovered> open(Duration) override {
        ++opens;
        if (opens <= failing_opens) return Failure{HistoryFailure::away, "connection refused"};
        return Recovered{};
    }

    result<std::size_t> save(const Batch& batch, Duration limit) override {
        std::unique_lock lock(mutex);
        if (is_hanging) {
            was_interrupted = false;
            const bool is_in_time = hanging.wait_for(lock, limit, [this] { return was_interrupted; });
            ++(is_in_time ? interrupts : timeouts);
            return Failure{HistoryFailure::away, "hung"};
        }
        if (++saves <= failing_saves) return Failure{HistoryFailure::away, "server closed the connection"};
        for (const auto& record : batch.quotes) {
            if (to_string(record.quote->value) == poison)
                return Failure{HistoryFailure::rejected, "value out of range"};
        }
        rows += batch.quotes.size();
        return batch.quotes.size();
    }

    result<bool> maintain(TimePoint, Duration) override {
        ++maintained;
        return maintained < 3;
    }

    void interrupt() override {
        const std::lock_guard lock(mutex);
        was_interrupted = !misses_interrupts;
        hanging.notify_all();
    }

    int failing_opens = 0;
    int failing_saves = 0;
    bool is_hanging = false;
    bool misses_interrupts = false;  ///< as if each arrived just before the call
    std::string poison;              ///< a value that is rejected
    std::atomic<int> opens = 0;
    std::atomic<int> saves = 0;
    std::atomic<std::size_t> rows = 0;
    std::atomic<int> maintained = 0;
    std::atomic<int> interrupts = 0;
    std::atomic<int> timeouts = 0;

private:
    bool was_interrupted = false;
    std::mutex mutex;
    std::condition_variable hanging;
};

class ArchiverTest : public testing::Test {
protected:
    void add_quotes(int count) {
        for (int i = 0; i < count; ++i) {
            const auto now = clock.now() - 1s * (count - i);
            const auto price = Rate::parse(std::to_string(i + 1)).value();
            outbox.add({binance, btc_usd, price, price, price, now, now + 5s, {}}, now);
        }
    }

    /// Runs the archiver and calls `finish` once `is_done` holds, which is checked every millisecond.
    void run_until(const std::function<bool()>& is_done) {
        Archiver archiver(
            loop.get_executor(), clock, outbox, archive, [this](Recovered) { ++recoveries; }, limits);
        net::co_spawn(loop, archiver.run(), [this](std::exception_ptr error) { has_ended = !error; });
        net::steady_timer timer(loop);
        std::function<void()> watch = [&] {
            if (is_done()) return archiver.finish();
            timer.expires_after(1ms);
            timer.async_wait([&](boost::system::error_code) { watch(); });
        };
        watch();
        loop.run_for(10s);
        ASSERT_TRUE(has_ended);
    }

    net::io_context loop{1};
    Clock clock;
    Outbox outbox{50};
    FakeArchive archive;
    ArchiverLimits limits{10, 1s, 1s, 200ms, 1ms, 5ms};
    int recoveries = 0;
    bool has_ended = false;
};

TEST_F(ArchiverTest, WritesWaitingRowsInBatches) {
    add_quotes(25);
    run_until([&] { return outbox.waiting() == 0 && archive.rows >= 24; });
    EXPECT_EQ(archive.rows, 25u);
    EXPECT_EQ(archive.saves, 3);
    EXPECT_EQ(recoveries, 1);
}

TEST_F(ArchiverTest, WritesTheUnfinishedSecondWhenItFinishes) {
    add_quotes(1);
    outbox.add({binance,
                btc_usd,
                Rate::parse("1").value(),
                Rate::parse("1").value(),
                Rate::parse("1").value(),
                clock.now(),
                clock.now() + 5s,
                {}},
               clock.now());
    run_until([] { return true; });
    EXPECT_EQ(archive.rows, 2u);
}

TEST_F(ArchiverTest, RetriesUntilTheArchiveIsAvailableAndRecoversOnce) {
    archive.failing_opens = 5;
    archive.failing_saves = 3;
    add_quotes(7);
    run_until([&] { return archive.rows >= 6; });
    EXPECT_EQ(archive.rows, 7u);
    EXPECT_GE(archive.opens, 5 + 1 + 3);  // a failed save makes the archive be opened again
    EXPECT_EQ(recoveries, 1);
}

TEST_F(ArchiverTest, WaitsLongerAfterEachFailure) {
    archive.failing_opens = 5;
    limits.first_wait = 20ms;
    limits.longest_wait = 80ms;
    const auto began = std::chrono::steady_clock::now();
    run_until([&] { return archive.opens > 5; });
    EXPECT_GE(std::chrono::steady_clock::now() - began, 20ms + 40ms + 3 * 80ms);
}

TEST_F(ArchiverTest, ARejectedRowDoesNotHoldUpOthers) {
    archive.poison = "4";
    add_quotes(9);
    run_until([&] { return archive.rows == 8; });
    EXPECT_TRUE(has_ended);
    EXPECT_EQ(outbox.waiting(), 0u);
}

TEST_F(ArchiverTest, MaintainsAgainSoonWhileTheArchiveHasMoreToConvert) {
    limits.convert_every = 0ms;
    run_until([&] { return archive.maintained == 3; });
    EXPECT_EQ(archive.maintained, 3) << "the next time is in an hour";
}

TEST_F(ArchiverTest, EndsWhileTheArchiveIsUnavailable) {
    archive.failing_opens = 1'000'000;
    add_quotes(7);
    run_until([&] { return archive.opens > 2; });
    EXPECT_EQ(archive.rows, 0u);
    EXPECT_EQ(outbox.waiting(), 7u);
}

TEST_F(ArchiverTest, LimitsACallThatHangs) {
    limits.save_limit = 20ms;
    archive.is_hanging = true;
    add_quotes(3);
    run_until([&] { return archive.timeouts > 1; });
    EXPECT_EQ(outbox.waiting(), 3u);
}

TEST_F(ArchiverTest, InterruptsAHangingCallOnFinish) {
    limits.save_limit = 1h;
    archive.is_hanging = true;
    add_quotes(3);
    run_until([&] { return archive.opens == 1; });
    EXPECT_EQ(archive.interrupts, 1);
}

TEST_F(ArchiverTest, ACallThatAnInterruptMissesEndsOnFinishToo) {
    limits.save_limit = 1h;
    archive.is_hanging = archive.misses_interrupts = true;
    add_quotes(3);
    run_until([] { return true; });
    EXPECT_EQ(archive.timeouts, 1);
}

}  // namespace
}  // namespace kurs::history
