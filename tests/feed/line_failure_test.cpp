#include "kurs/feed/line_failure.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <set>

#include "support/stream_fixture.hpp"

namespace kurs::testing {
namespace {

LineEnd ended(LineEndCause cause, int status = 0) {
    LineEnd end;
    end.cause = cause;
    end.status = status;
    return end;
}

TEST(LineFailure, AStatusIsToldApartWhereSomebodyMustAct) {
    EXPECT_EQ(failure_of_status(401), LineFailure::key_refused);
    EXPECT_EQ(failure_of_status(403), LineFailure::firewall);
    EXPECT_EQ(failure_of_status(418), LineFailure::banned);
    EXPECT_EQ(failure_of_status(429), LineFailure::too_many_requests);
    EXPECT_EQ(failure_of_status(451), LineFailure::region);
    EXPECT_EQ(failure_of_status(503), LineFailure::status);
    EXPECT_EQ(failure_of(ended(LineEndCause::upgrade_refused, 451)), LineFailure::region);
}

TEST(LineFailure, WhatIsPlannedIsNone) {
    for (const auto cause : {LineEndCause::cancelled, LineEndCause::rotation_due, LineEndCause::farewell})
        EXPECT_FALSE(failure_of(ended(cause)));
    auto dismissed = ended(LineEndCause::farewell);
    dismissed.is_permanent = true;
    EXPECT_EQ(failure_of(dismissed), LineFailure::dismissed);
}

TEST(LineFailure, ACertificateIsToldApartFromWhatElseFailsToConnect) {
    auto end = ended(LineEndCause::connect_failed);
    EXPECT_EQ(failure_of(end), LineFailure::connect);
    end.is_untrusted = true;
    EXPECT_EQ(failure_of(end), LineFailure::certificate);
}

TEST(LineFailure, NamesAreDifferent) {
    const auto names = line_failure_names();
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), line_failure_count);
    EXPECT_EQ(names.back(), "other");
}

using LineFailureTest = StreamFeedTest;

TEST_F(LineFailureTest, ARefusedUpgradeIsToldWithItsKind) {
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        co_await peer.send("HTTP/1.1 451 Unavailable\r\nContent-Length: 0\r\n\r\n");
    });
    start();
    until([&] { return !seen.failures.empty(); });
    EXPECT_EQ(seen.failures.front(), LineFailure::region);
}

TEST_F(LineFailureTest, ACutLineIsToldOnce) {
    serve([](Peer& peer, int number) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send_text("tick 0");
        co_await peer.send_text("tick 1");
        if (number > 1) co_await peer.hold();
    });
    start();
    until([&] { return seen.count(FeedState::live) == 2; });
    EXPECT_EQ(seen.failures, std::vector{LineFailure::closed});
}

}  // namespace
}  // namespace kurs::testing
