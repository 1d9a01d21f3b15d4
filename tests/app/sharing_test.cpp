#include "kurs/app/sharing.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "copies/fake_queue.hpp"
#include "kurs/copies/change_text.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

TEST(Sharing, OneThatJoinsServesTheSnapshotFromItsMomentOn) {
    net::io_context loop{1};
    const auto map = small::small_market();
    FakeServer server;
    FakeQueue queue(server);
    const auto moment = server.clock.now() + 400ms;
    const auto version = ViewPace::version_of(moment);
    server.newest = static_cast<Epoch>(3);
    server.lease = FakeServer::Held{server.newest, moment + 1h};
    server.snapshot =
        QueueSnapshot{"1", server.newest, to_text(map, BoardChange{version, moment, {}, {}, {}})};
    // What has come since, so that reading on does not wait.
    BoardChange next{version + 50'000, moment + 1h, {}, {}, {}};
    server.view = {{"1", server.newest, server.snapshot->text, ""},
                   {"2", server.newest, to_text(map, next), "1"}};

    Board served(map, 10s);
    History history(loop.get_executor(), server.clock, 10, {}, {});
    coingecko::Spending spending;
    PeerEvents events{[] { return std::vector<api::FeedReport>(); }, [](VenueId, TimePoint) {}};
    Sharing sharing(loop.get_executor(), map, server.clock, queue, served, 10s, history, spending, events);
    while (server.clock.now() < moment - 50ms) {
        loop.run_one_for(5ms);
        sharing.follow_time(server.clock.now());
        ASSERT_TRUE(served.version() == 0 || server.clock.now() >= moment) << "ahead of the others";
    }
    while (server.clock.now() < moment + 50ms) loop.run_one_for(5ms);
    sharing.follow_time(server.clock.now());
    EXPECT_EQ(served.version(), version);
    EXPECT_TRUE(sharing.is_shared(version));
    EXPECT_FALSE(sharing.is_shared(version - 50'000)) << "before it joined";
    auto ended = sharing.stop(1s);
    queue.close();
    loop.run_for(10ms);
}

}  // namespace
}  // namespace kurs
