#include "redis/failure_log.hpp"

#include <gtest/gtest.h>

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;

struct FailureLogTest : ::testing::Test {
    bool fails(const std::string& reason) { return log.note_failure(reason, now); }
    bool succeeds() { return log.note_success(now); }

    redis::FailureLog log;
    redis::FailureLog::SteadyTime now{1h};
};

TEST_F(FailureLogTest, LogsALastingReasonOnce) {
    EXPECT_TRUE(fails("refused"));
    for (int i = 0; i < 1'000; ++i) {
        now += 2s;
        EXPECT_FALSE(fails("refused"));
    }
}

TEST_F(FailureLogTest, LogsEachNewReason) {
    EXPECT_TRUE(fails("closed"));
    EXPECT_TRUE(fails("refused"));
    EXPECT_FALSE(fails("closed"));
    now += 2s;
    EXPECT_FALSE(fails("refused"));
    now += 2s;
    EXPECT_TRUE(fails("closed")) << "another reason has been the only one for some seconds";
}

TEST_F(FailureLogTest, LogsTheRecoveryOnce) {
    EXPECT_FALSE(succeeds()) << "nothing has failed";
    fails("refused");
    now += 3s;
    EXPECT_TRUE(succeeds());
    EXPECT_FALSE(succeeds());
    EXPECT_TRUE(fails("refused")) << "this is another outage";
}

TEST_F(FailureLogTest, LogsNoRecoveryWhileOneKindOfCallStillFails) {
    EXPECT_TRUE(fails("no permission"));
    for (int i = 0; i < 100; ++i) {
        now += 1s;
        EXPECT_FALSE(succeeds());
        EXPECT_FALSE(fails("no permission"));
    }
}

TEST_F(FailureLogTest, LimitsTheNumberOfReasons) {
    int logged = 0;
    for (int i = 0; i < 1'000; ++i) logged += fails("reason " + std::to_string(i)) ? 1 : 0;
    EXPECT_EQ(logged, 8);
}

}  // namespace
}  // namespace kurs::testing
