#include "keepalive.hpp"

#include <gtest/gtest.h>

#include "at.hpp"

using namespace sim;

TEST(PongWatch, PingsOnTime) {
    PongWatch watch(Millis{200}, Millis{600}, at(0));
    EXPECT_FALSE(watch.ping_due(at(199)));
    EXPECT_EQ(watch.ping_due(at(200)), std::to_string(to_unix_ms(at(200))));
    EXPECT_FALSE(watch.ping_due(at(201)));
}

TEST(PongWatch, OnlyAPongOfEqualPayloadKeepsAlive) {
    PongWatch watch(Millis{200}, Millis{600}, at(0));
    const auto payload = watch.ping_due(at(200)).value();
    EXPECT_FALSE(watch.pong("other", at(300)));
    EXPECT_TRUE(watch.is_overdue(at(600)));
    EXPECT_TRUE(watch.pong(payload, at(400)));
    EXPECT_FALSE(watch.is_overdue(at(999)));
    EXPECT_TRUE(watch.is_overdue(at(1000)));
    EXPECT_FALSE(watch.pong(payload, at(1000))) << "answered already";
}

TEST(RollingLimit, CountsEveryWindowOfASecond) {
    RollingLimit limit(5);
    for (const auto ms : {0, 900, 910, 920, 930}) EXPECT_TRUE(limit.arrive(at(ms)));
    EXPECT_FALSE(limit.arrive(at(999)));
    EXPECT_TRUE(limit.arrive(at(1000)));
    EXPECT_FALSE(limit.arrive(at(1001)));
}
