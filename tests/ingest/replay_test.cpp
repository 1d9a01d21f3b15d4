#include "kurs/ingest/replay.hpp"

#include <gtest/gtest.h>

#include "kurs/boardlog/change_text.hpp"
#include "kurs/ingest/tick_text.hpp"
#include "kurs/tape/taped_sessions.hpp"
#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;
using tape::Kind;
using tape::Record;

class MemoryTape final : public tape::Tape {
public:
    void add(Kind kind, TimePoint at, std::size_t feed, std::string_view payload) override {
        records.push_back({kind, at, feed, std::string(payload)});
    }
    bool is_full() const override { return false; }

    std::vector<Record> records;
};

/// Each frame is the price of bitcoin_usd. Every second one counts, so that a session has a state.
class PriceSession final : public StreamSession {
public:
    StreamRequest request() const override { return {}; }
    const std::vector<SymbolId>& symbols() const override { return symbols_; }
    std::vector<std::string> on_open() override { return {}; }

    Outcome on_frame(std::string_view frame, TimePoint received_at) override {
        Outcome outcome;
        if (++frames_ % 2 == 1) return outcome;
        outcome.ticks.push_back({bitcoin_usd, rate(frame), rate(frame), received_at});
        return outcome;
    }

private:
    std::vector<SymbolId> symbols_{bitcoin_usd};
    int frames_ = 0;
};

/// Each body is the price of tether_usd.
class PricePoll final : public PollSession {
public:
    TimePoint next_poll(bool) const override { return {}; }
    PollRequest make_request(TimePoint) override { return {}; }
    void on_failure(TimePoint) override {}

    Outcome on_response(const PollResponse& response, TimePoint received_at) override {
        Outcome outcome;
        outcome.ticks.push_back({tether_usd, rate(response.body), rate(response.body), received_at});
        return outcome;
    }
};

std::vector<VenueFeeds> make_feeds() {
    std::vector<VenueFeeds> feeds(1);
    feeds[0].venue = coingecko;
    StreamPlan stream;
    stream.name = "coingecko stream";
    stream.venue = std::make_unique<StreamSessions>([] { return std::make_unique<PriceSession>(); });
    feeds[0].stream = std::move(stream);
    feeds[0].poll = PollPlan{"coingecko", {}, std::make_unique<PricePoll>()};
    return feeds;
}

class ReplayTest : public ::testing::Test {
protected:
    /// What an ingest does that records.
    void record() {
        auto feeds = make_feeds();
        tape.add(Kind::begin, noon, 0, begin_text(map, {}, 0ms));
        RefusalLog refusals;
        Intake intake({map, refusals, 10s, 0ms,
                       [this](BoardChange change, TimePoint at) {
                           tape.add(Kind::change, at, 0, tape::fingerprint(to_text(map, change)));
                           original.push_back(to_text(map, change));
                       },
                       [](VenueId, errc) {}},
                      {}, noon);
        const IntakeSource stream{coingecko, {1, false}, feeds[0].stream->venue.get()};
        const IntakeSource poll{coingecko, {2, true}, feeds[0].stream->venue.get()};
        tape.add(Kind::feed, noon, 1, "coingecko stream");
        tape.add(Kind::feed, noon, 2, "coingecko");
        tape::TapedStream streams(*feeds[0].stream->venue, tape, 1);
        tape::TapedPoll polls(*feeds[0].poll->session, tape, 2);
        auto session = streams.make_session();
        session->on_open();
        const std::vector<Tick> earlier{{tether_usd, rate("1.001"), rate("1.002"), noon - 1s}};
        tape.add(Kind::restored, noon, 0, to_text(map, earlier));
        intake.restore(earlier, noon);
        for (int i = 0; i < 20; ++i) {
            const auto now = noon + i * 1s;
            const auto price = std::to_string(60'000 + i);
            intake.take(stream, session->on_frame(price, now), now);
            polls.make_request(now);
            if (i == 5) polls.on_failure(now);
            intake.take(poll, polls.on_response({200, {}, "1.00" + std::to_string(i)}, now), now);
            tape.add(Kind::clock, now, 0, "");
            intake.follow_time(now);
        }
    }

    tape::Result<void> replay() {
        replayed.clear();
        Replay replay({map, 10s, make_feeds(), [](const BoardChange&, Duration) {},
                       [this](BoardChange change, TimePoint) { replayed.push_back(to_text(map, change)); }});
        for (const auto& record : tape.records)
            if (const auto taken = replay.take(record); !taken) return taken;
        EXPECT_EQ(replay.changes(), original.size());
        return {};
    }

    std::vector<Record>::iterator find(Kind kind, std::size_t nth = 0) {
        auto found = tape.records.begin();
        for (; found != tape.records.end(); ++found)
            if (found->kind == kind && nth-- == 0) break;
        return found;
    }

    std::string failure() {
        const auto result = replay();
        return result ? "none" : result.error().text;
    }

    MarketMap map = small_market();
    MemoryTape tape;
    std::vector<std::string> original;
    std::vector<std::string> replayed;
};

TEST_F(ReplayTest, MakesTheSameChanges) {
    record();
    ASSERT_GT(original.size(), 20u);
    EXPECT_EQ(failure(), "none");
    EXPECT_EQ(replayed, original);
}

TEST_F(ReplayTest, NoticesAFrameThatDiffers) {
    record();
    find(Kind::frame, 1)->payload = "60777";
    EXPECT_EQ(failure(), "2026-11-21T12:00:01.000Z: another change was made than is recorded");
}

TEST_F(ReplayTest, NoticesAFrameThatIsMissing) {
    record();
    tape.records.erase(find(Kind::frame, 1));
    EXPECT_NE(failure(), "none");
}

TEST_F(ReplayTest, NoticesATimeThatDiffers) {
    record();
    find(Kind::frame, 1)->at += 1ms;
    EXPECT_NE(failure(), "none");
}

TEST_F(ReplayTest, NoticesAChangeThatIsMissing) {
    record();
    tape.records.erase(find(Kind::change));
    EXPECT_NE(failure(), "none");
}

TEST_F(ReplayTest, RefusesWhatMakesNoSense) {
    record();
    const auto whole = tape.records;
    find(Kind::feed)->payload = "mtgox";
    EXPECT_EQ(failure(), "2026-11-21T12:00:00.000Z: the settings have no feed mtgox");
    tape.records = whole;
    tape.records.erase(find(Kind::begin));
    EXPECT_NE(failure(), "none");
    tape.records = whole;
    tape.records.erase(find(Kind::session));
    EXPECT_NE(failure(), "none");
    tape.records = whole;
    find(Kind::restored)->payload = "[{}]";
    EXPECT_NE(failure(), "none");
}

TEST_F(ReplayTest, TicksComeBackAsTheyWere) {
    const Tick tick{cbr_usd,
                    rate("78.1"),
                    rate("78.2"),
                    noon,
                    7,
                    Confirmation{std::chrono::floor<std::chrono::days>(noon), noon + 1s}};
    const auto read = parse_ticks(map, to_text(map, std::vector{tick}));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1u);
    EXPECT_EQ((*read)[0].symbol, cbr_usd);
    EXPECT_EQ((*read)[0].ask, rate("78.2"));
    EXPECT_EQ((*read)[0].sequence, 7u);
    EXPECT_EQ((*read)[0].confirmation, tick.confirmation);
}

}  // namespace
}  // namespace kurs
