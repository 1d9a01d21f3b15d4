#include "kurs/venue/backoff_poll.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

class Poll final : public BackoffPoll {
public:
    explicit Poll(const MarketMap& map) : BackoffPoll(map, Backoff({1s, 1min}, 7)) {}

    PollRequest make_request(TimePoint) override { return {}; }
    Outcome on_response(const PollResponse&, TimePoint) override { return {}; }

    using BackoffPoll::call_at, BackoffPoll::failed, BackoffPoll::is_failing, BackoffPoll::next_at,
        BackoffPoll::refuse, BackoffPoll::rest_until, BackoffPoll::succeeded;
};

struct BackoffPollTest : ::testing::Test {
    MarketMap map = small_market();
    Poll poll{map};
};

TEST_F(BackoffPollTest, TheWaitGrowsFromOneFailureToTheNext) {
    for (const Duration step : {1s, 2s, 4s}) {
        poll.on_failure(noon);
        EXPECT_GE(poll.next_at(), noon + step / 2);
        EXPECT_LE(poll.next_at(), noon + step);
    }
}

TEST_F(BackoffPollTest, ASuccessStartsTheWaitsAnew) {
    for (int i = 0; i < 5; ++i) poll.on_failure(noon);
    EXPECT_TRUE(poll.is_failing());
    poll.succeeded();
    EXPECT_FALSE(poll.is_failing());
    poll.on_failure(noon);
    EXPECT_LE(poll.next_at(), noon + 1s);
}

TEST_F(BackoffPollTest, TheWaitIsAtLeastAsLongAsTheVenueAsks) {
    poll.failed(PollResponse{503, {{"Retry-After", "119"}}, ""}, "", noon);
    EXPECT_EQ(poll.next_at(), noon + 119s);
}

TEST_F(BackoffPollTest, IsDueAtTheSameTimeWhetherNeededOrNot) {
    poll.call_at(noon);
    EXPECT_EQ(poll.next_poll(true), noon);
    EXPECT_EQ(poll.next_poll(false), noon);
}

TEST_F(BackoffPollTest, ARestOnlyExtendsTheWait) {
    poll.call_at(noon);
    poll.rest_until(noon + 1min);
    EXPECT_EQ(poll.next_at(), noon + 1min);
    poll.rest_until(noon);
    EXPECT_EQ(poll.next_at(), noon + 1min);
}

TEST_F(BackoffPollTest, AnAnswerThatIsAFailureIsRefused) {
    const auto outcome = poll.failed(errc::malformed, "no list", noon);
    ASSERT_EQ(outcome.refusals.size(), 1U);
    EXPECT_EQ(outcome.refusals[0].reason, errc::malformed);
    EXPECT_EQ(outcome.refusals[0].what, "no list");
    EXPECT_TRUE(poll.is_failing());
    EXPECT_GT(poll.next_at(), noon);
}

TEST_F(BackoffPollTest, AnErrorStatusIsNamedWithWhatTheVenueSays) {
    const PollResponse response{502, {}, ""};
    EXPECT_EQ(poll.failed(response, "", noon).refusals.at(0).what, "status 502");
    EXPECT_EQ(poll.failed(response, "maintenance", noon).refusals.at(0).what, "status 502 maintenance");
    EXPECT_EQ(poll.failed(response, "", noon).refusals.at(0).reason, errc::venue_error);
}

TEST_F(BackoffPollTest, ARefusalNamesTheSymbol) {
    Outcome outcome;
    poll.refuse(btcusdt, errc::venue_error, " absent", outcome);
    EXPECT_EQ(outcome.refusals.at(0).what, "BTCUSDT absent");
}

}  // namespace
}  // namespace kurs
