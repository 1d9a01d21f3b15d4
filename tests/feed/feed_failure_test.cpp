#include "kurs/feed/feed_failure.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <set>

#include "support/stream_fixture.hpp"

namespace kurs::testing {
namespace {

ConnectionEnd ended(ConnectionEndCause cause, int status = 0) {
    ConnectionEnd end;
    end.cause = cause;
    end.status = status;
    return end;
}

TEST(FeedFailure, StatusesThatNeedActionHaveTheirOwnKind) {
    EXPECT_EQ(failure_of_status(401), FeedFailure::key_refused);
    EXPECT_EQ(failure_of_status(403), FeedFailure::firewall);
    EXPECT_EQ(failure_of_status(418), FeedFailure::banned);
    EXPECT_EQ(failure_of_status(429), FeedFailure::too_many_requests);
    EXPECT_EQ(failure_of_status(451), FeedFailure::region);
    EXPECT_EQ(failure_of_status(503), FeedFailure::status);
    EXPECT_EQ(failure_of(ended(ConnectionEndCause::upgrade_refused, 451)), FeedFailure::region);
}

TEST(FeedFailure, APlannedEndIsNoFailure) {
    for (const auto cause :
         {ConnectionEndCause::cancelled, ConnectionEndCause::rotation_due, ConnectionEndCause::farewell})
        EXPECT_FALSE(failure_of(ended(cause)));
    auto dismissed = ended(ConnectionEndCause::farewell);
    dismissed.is_permanent = true;
    EXPECT_EQ(failure_of(dismissed), FeedFailure::dismissed);
}

TEST(FeedFailure, AnUntrustedCertificateHasItsOwnKind) {
    auto end = ended(ConnectionEndCause::connect_failed);
    EXPECT_EQ(failure_of(end), FeedFailure::connect);
    end.is_untrusted = true;
    EXPECT_EQ(failure_of(end), FeedFailure::certificate);
}

TEST(FeedFailure, NamesAreDifferent) {
    const auto names = feed_failure_names();
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), feed_failure_count);
    EXPECT_EQ(names.back(), "other");
}

using FeedFailureTest = StreamFeedTest;

TEST_F(FeedFailureTest, ARefusedUpgradeIsReportedWithItsKind) {
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        co_await peer.send("HTTP/1.1 451 Unavailable\r\nContent-Length: 0\r\n\r\n");
    });
    start();
    until([&] { return !seen.failures.empty(); });
    EXPECT_EQ(seen.failures.front(), FeedFailure::region);
}

TEST_F(FeedFailureTest, ALostConnectionIsReportedOnce) {
    serve([](Peer& peer, int number) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send_text("tick 0");
        co_await peer.send_text("tick 1");
        if (number > 1) co_await peer.hold();
    });
    start();
    until([&] { return seen.count(FeedState::live) == 2; });
    EXPECT_EQ(seen.failures, std::vector{FeedFailure::closed});
}

}  // namespace
}  // namespace kurs::testing
