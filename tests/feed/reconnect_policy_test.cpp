#include "kurs/feed/reconnect_policy.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};

ConnectionEnd end_by(ConnectionEndCause cause, Duration delivered_for = Duration{0}) {
    ConnectionEnd end;
    end.cause = cause;
    end.delivered_for = delivered_for;
    end.was_live = delivered_for > Duration{0};
    return end;
}

ConnectionEnd refused(int status, std::optional<Duration> retry_after = {}) {
    ConnectionEnd end = end_by(ConnectionEndCause::upgrade_refused);
    end.status = status;
    end.retry_after = retry_after;
    return end;
}

ConnectionEnd dismissed() {
    ConnectionEnd end = end_by(ConnectionEndCause::farewell, 60s);
    end.is_permanent = true;
    return end;
}

/// Starts the next attempt when due, ends it with `end`, and returns the wait before the following one.
Duration wait_after(ReconnectPolicy& policy, const ConnectionEnd& end, TimePoint& now) {
    const auto next = policy.next(now);
    now = next.at;
    policy.started(next.index, now);
    policy.ended(end, now);
    return policy.next(now).at - now;
}

TEST(EndpointChoice, IsRoundRobinAndSkipsRestingEndpoints) {
    EndpointChoice choice(3);
    EXPECT_EQ(choice.pick(start).index, 0u);
    choice.pass(0);
    choice.rest(1, start + 5min);
    EXPECT_EQ(choice.pick(start).index, 2u);
    choice.pass(2);
    choice.pass(0);
    EXPECT_EQ(choice.pick(start + 5min).index, 1u);
}

TEST(EndpointChoice, ReturnsTheEarliestWhenAllRest) {
    EndpointChoice choice(2);
    choice.rest(0, start + 5min);
    choice.rest(1, start + 1min);
    EXPECT_EQ(choice.pick(start).index, 1u);
    EXPECT_EQ(choice.pick(start).at, start + 1min);
}

TEST(EndpointChoice, RequiresAnEndpoint) {
    EXPECT_THROW(EndpointChoice(0), std::invalid_argument);
}

TEST(ReconnectPolicy, RestsAnEndpointThatRefuses) {
    const struct {
        ConnectionEnd end;
        Duration at_least, at_most;
    } rows[] = {
        {refused(451), 5min, 5min},       {refused(403), 1min, 1min},        {refused(401), 1min, 1min},
        {refused(429), 60s, 60s},         {refused(429, 7s), 7s, 7s},        {refused(429, 48h), 1h, 1h},
        {refused(429, 0s), 250ms, 500ms}, {refused(418, 1ms), 250ms, 500ms}, {refused(429, 8760h), 1h, 1h},
        {refused(418, 2min), 2min, 2min}, {refused(503), 250ms, 500ms},      {refused(503, 7s), 250ms, 500ms},
        {refused(500), 250ms, 500ms},     {dismissed(), 5min, 5min},
    };
    for (const auto& row : rows) {
        ReconnectPolicy policy({}, 1, 7);
        TimePoint now = start;
        const Duration wait = wait_after(policy, row.end, now);
        EXPECT_GE(wait, row.at_least) << row.end.status;
        EXPECT_LE(wait, row.at_most) << row.end.status;
    }
}

TEST(ReconnectPolicy, TriesTheOtherEndpointSoonWhenOneRests) {
    ReconnectPolicy policy({}, 2, 7);
    TimePoint now = start;
    EXPECT_LE(wait_after(policy, refused(451), now), 500ms);
    EXPECT_EQ(policy.next(now).index, 1u);
    EXPECT_LE(wait_after(policy, refused(503), now), 1s);
    EXPECT_EQ(policy.next(now).index, 1u);
}

TEST(ReconnectPolicy, RestsAllEndpointsAfterAPermanentFarewell) {
    ReconnectPolicy policy({}, 2, 7);
    TimePoint now = start;
    EXPECT_EQ(wait_after(policy, dismissed(), now), 5min);
}

TEST(ReconnectPolicy, BacksOffUpToTenSeconds) {
    ReconnectPolicy policy({}, 1, 7);
    TimePoint now = start;
    Duration wait{};
    for (int i = 0; i < 8; ++i) wait = wait_after(policy, end_by(ConnectionEndCause::connect_failed), now);
    EXPECT_GE(wait, 5s);
    EXPECT_LE(wait, 10s);
}

TEST(ReconnectPolicy, ResetsTheBackoffOnlyAfterALongConnection) {
    ReconnectPolicy policy({}, 1, 7);
    TimePoint now = start;
    for (int i = 0; i < 8; ++i) wait_after(policy, end_by(ConnectionEndCause::connect_failed), now);
    EXPECT_GE(wait_after(policy, end_by(ConnectionEndCause::closed_by_peer, 29s), now), 5s);
    EXPECT_LE(wait_after(policy, end_by(ConnectionEndCause::closed_by_peer, 30s), now), 500ms);
}

TEST(ReconnectPolicy, ReplacesAtOnceOnTheNextEndpoint) {
    for (const auto cause : {ConnectionEndCause::farewell, ConnectionEndCause::rotation_due,
                             ConnectionEndCause::partly_silent}) {
        ReconnectPolicy policy({}, 2, 7);
        TimePoint now = start;
        EXPECT_EQ(wait_after(policy, end_by(cause, 60s), now), 0s);
        EXPECT_EQ(policy.next(now).index, 1u);
    }
}

TEST(ReconnectPolicy, ReconnectsAtOnceOnlyOnceForConnectionsThatNeverBecameLive) {
    ReconnectPolicy policy({}, 2, 7);
    TimePoint now = start;
    EXPECT_EQ(wait_after(policy, end_by(ConnectionEndCause::farewell), now), 0s);
    EXPECT_GT(wait_after(policy, end_by(ConnectionEndCause::farewell), now), 0s);
}

TEST(ReconnectPolicy, StaysWithinTheBudget) {
    ReconnectPolicy policy({}, 1, 7);
    TimePoint now = start;
    for (int i = 0; i < 99; ++i) wait_after(policy, end_by(ConnectionEndCause::rotation_due, 60s), now);
    EXPECT_EQ(now, start);
    EXPECT_EQ(wait_after(policy, end_by(ConnectionEndCause::rotation_due, 60s), now), 5min);
}

}  // namespace
}  // namespace kurs
