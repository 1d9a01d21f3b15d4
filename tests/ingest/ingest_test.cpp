#include "kurs/ingest/ingest.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/market.hpp"
#include "support/running_loop.hpp"

namespace kurs {
namespace {

using namespace testing;

/// A log whose role the test sets.
class ScriptedLog final : public BoardLog {
public:
    void set_apart(bool) override {}
    bool writes = false;
    std::size_t writer_count = 1;
    BoardChange published;
    std::vector<BoardChange> appended;

    net::awaitable<void> run() override { co_return; }
    bool is_writer() const override { return writes; }
    std::size_t writers() const override { return writer_count; }
    void append(BoardChange change, TimePoint) override { appended.push_back(std::move(change)); }
    BoardChange snapshot() const override { return published; }
    TimePoint present() override { return {}; }
    Duration delay() const override { return {}; }
    void want(VenueId) override {}
    bool is_common(std::uint64_t) const override { return true; }
    std::optional<ReplicaStatus> status() const override { return std::nullopt; }
    net::awaitable<bool> close(Duration) override { co_return true; }
};

class ScriptedBudget final : public CreditBudget {
public:
    std::string text = "mine";
    int sharers = 1;

    std::string to_text() const override { return text; }
    void adopt(std::string_view its) override { text = its; }
    void join(std::string_view its) override { text += "+" + std::string(its); }
    void share_among(int count) override { sharers = count; }
    std::optional<std::int64_t> credits_left(TimePoint) const override { return std::nullopt; }
    bool is_resting(TimePoint) const override { return false; }
};

/// A poll that is never due, so that no feed uses the network.
class IdlePoll final : public PollSession {
public:
    TimePoint next_poll(bool) const override { return TimePoint::max(); }
    PollRequest make_request(TimePoint) override { return {}; }
    Outcome on_response(const PollResponse&, TimePoint) override { return {}; }
    void on_failure(TimePoint) override {}
};

class IngestTest : public ::testing::Test {
protected:
    IngestParts parts() {
        return {.map = map,
                .clock = clock,
                .trust = trust,
                .log = log,
                .metered = metered,
                .failback_after = 10s,
                .user_agent = "kurs",
                .make_feeds = [this] { return make_feeds(); },
                .observe =
                    [](VenueId, const std::string&) {
                        return FeedObserver{[](const Outcome&) {}, [] {}, [](FeedFailure) {}};
                    },
                .on_refused_tick = [](VenueId, errc) {}};
    }

    std::vector<VenueFeeds> make_feeds() {
        ++starts;
        std::vector<VenueFeeds> feeds(1);
        feeds[0].venue = coingecko;
        feeds[0].poll = PollPlan{"coingecko", {}, std::make_unique<IdlePoll>()};
        return feeds;
    }

    void TearDown() override {
        tasks.stop();
        TaskGroup ending(loop.get_executor());
        ending.spawn("end", end());
        run_out(loop);
    }

    net::awaitable<void> end() {
        const bool has_ended = co_await ingest.end(1s);
        EXPECT_TRUE(has_ended);
    }

    Tick known_price(std::string_view price) const {
        const auto at = clock.now() - 1s;
        return {bitcoin_usd, rate(price), rate(price), at};
    }

    net::io_context loop{1};
    MarketMap map = small_market();
    Clock clock;
    TlsTrust trust = TlsTrust::load("").value();
    ScriptedLog log;
    ScriptedBudget budget;
    std::vector<MeteredVenue> metered{{"coingecko", budget}};
    int starts = 0;
    Ingest ingest{loop.get_executor(), parts()};
    TaskGroup tasks{loop.get_executor()};
};

TEST_F(IngestTest, ListensOnlyWhileTheLogSaysSo) {
    tasks.spawn("ingest", ingest.run());
    loop.poll();
    EXPECT_FALSE(ingest.is_listening());
    log.writes = true;
    run_until(loop, [&] { return ingest.is_listening(); });
    EXPECT_EQ(ingest.feeds().at(0).name, "coingecko");
    log.writes = false;
    run_until(loop, [&] { return !ingest.is_listening(); });
    log.writes = true;
    run_until(loop, [&] { return ingest.is_listening(); });
    EXPECT_EQ(starts, 2) << "each time with feeds of its own";
}

TEST_F(IngestTest, RestoredTicksAreAppendedAsASnapshotOnceItListens) {
    ingest.restore({known_price("60000")});
    tasks.spawn("ingest", ingest.run());
    loop.poll();
    EXPECT_TRUE(log.appended.empty());
    log.writes = true;
    run_until(loop, [&] { return log.appended.size() >= 2; });
    EXPECT_TRUE(log.appended[0].is_snapshot);
    ASSERT_EQ(log.appended[0].quotes.size(), 1u);
    EXPECT_FALSE(log.appended[1].is_snapshot) << "that a venue is active is news";
    EXPECT_TRUE(log.appended[1].active);
}

TEST_F(IngestTest, AFollowerLearnsTheWritersFeedsAndAdoptsItsBudgets) {
    ScriptedLog other_log;
    ScriptedBudget other_budget;
    other_budget.text = "its";
    const std::vector<MeteredVenue> other_metered{{"coingecko", other_budget}};
    auto other_parts = parts();
    IngestParts writer_parts{
        other_parts.map,     other_parts.clock,          other_parts.trust,      other_log,
        other_metered,       other_parts.failback_after, other_parts.user_agent, other_parts.make_feeds,
        other_parts.observe, other_parts.on_refused_tick};
    Ingest writer(loop.get_executor(), std::move(writer_parts));
    ingest.take_note(writer.note());
    EXPECT_EQ(budget.text, "its");
    ingest.take_note("{");
    EXPECT_EQ(budget.text, "its") << "a malformed note changes nothing";
}

TEST_F(IngestTest, AWriterJoinsTheBudgetOfTheOneBeforeIt) {
    const auto note = ingest.note();
    log.writes = true;
    tasks.spawn("ingest", ingest.run());
    run_until(loop, [&] { return ingest.is_listening(); });
    ingest.take_note(note);
    EXPECT_EQ(budget.text, "mine+mine");
}

TEST_F(IngestTest, ReplicasThatListenAtTheSameTimeShareTheBudget) {
    log.writer_count = 3;
    tasks.spawn("ingest", ingest.run());
    run_until(loop, [&] { return budget.sharers == 3; });
    log.writer_count = 1;
    run_until(loop, [&] { return budget.sharers == 1; });
}

}  // namespace
}  // namespace kurs
