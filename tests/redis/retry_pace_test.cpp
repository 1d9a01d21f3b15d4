#include "redis/retry_pace.hpp"

#include <gtest/gtest.h>

namespace kurs::redis {
namespace {

using namespace std::chrono_literals;

constexpr RetryPace::SteadyTime noon{std::chrono::hours{12}};

TEST(RetryPace, TheFirstAttemptIsImmediate) {
    EXPECT_TRUE(RetryPace(100ms, 1s, 1).may_try(noon));
}

TEST(RetryPace, WaitsLongerAfterEachFailureUpToTheLimit) {
    RetryPace pace(100ms, 400ms, 1);
    for (const auto step : {100ms, 200ms, 400ms, 400ms}) {
        pace.note_failure(noon);
        EXPECT_FALSE(pace.may_try(noon + step / 2 - 1ms)) << step.count();
        EXPECT_TRUE(pace.may_try(noon + step)) << step.count();
    }
}

TEST(RetryPace, ResetsAfterASuccess) {
    RetryPace pace(100ms, 10s, 1);
    for (int i = 0; i < 5; ++i) pace.note_failure(noon);
    pace.note_success();
    pace.note_failure(noon);
    EXPECT_TRUE(pace.may_try(noon + 100ms));
}

TEST(RetryPace, ReplicasDoNotReconnectTogether) {
    RetryPace one(1s, 1s, 1'234'567), other(1s, 1s, 7'654'321);
    one.note_failure(noon);
    other.note_failure(noon);
    auto first_of = [](const RetryPace& pace) {
        auto at = noon;
        while (!pace.may_try(at)) at += 1ms;
        return at;
    };
    EXPECT_NE(first_of(one), first_of(other));
}

}  // namespace
}  // namespace kurs::redis
