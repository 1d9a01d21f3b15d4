#include "feed/address_race.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <optional>

#include "kurs/runtime/task_group.hpp"
#include "support/running_loop.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;
using net::ip::tcp;
using std::chrono::steady_clock;

struct AddressRaceTest : ::testing::Test {
    /// Accepts connections.
    tcp::endpoint open(const char* host = "127.0.0.1") {
        return listeners.emplace_back(loop, tcp::endpoint(net::ip::make_address(host), 0)).local_endpoint();
    }

    /// Refuses connections: bound, so that nobody else has the port, but not listening.
    tcp::endpoint closed(const char* host = "127.0.0.1") {
        auto& socket = sockets.emplace_back(loop, tcp::endpoint(net::ip::make_address(host), 0));
        return socket.local_endpoint();
    }

    /// Answers nothing: Linux drops a SYN while a connection waits to be accepted.
    tcp::endpoint silent() {
        auto& listener = listeners.emplace_back(loop);
        listener.open(tcp::v4());
        listener.bind({net::ip::address_v4::loopback(), 0});
        listener.listen(0);
        sockets.emplace_back(loop).connect(listener.local_endpoint());
        return listener.local_endpoint();
    }

    void connect(Addresses addresses, Duration delay, Duration limit = 10s) {
        const auto begin = steady_clock::now();
        auto race = [&, delay, limit]() -> net::awaitable<void> {
            auto raced = co_await connect_to_any(addresses, delay, limit);
            took = steady_clock::now() - begin;
            if (raced) winner = raced->remote_endpoint();
            failure = raced ? "" : raced.error();
        };
        tasks.spawn("race", race());
        run_until(loop, [&] { return failure.has_value(); });
        run_out(loop);  // the losers are closed: otherwise their attempts would take minutes
    }

    net::io_context loop;
    TaskGroup tasks{loop.get_executor()};
    std::list<tcp::acceptor> listeners;
    std::list<tcp::socket> sockets;
    std::optional<tcp::endpoint> winner;
    std::optional<std::string> failure;
    steady_clock::duration took{};
};

TEST_F(AddressRaceTest, TheFirstAddressWinsIfItAnswers) {
    const Addresses addresses{open(), open()};
    connect(addresses, 1h);
    EXPECT_EQ(winner, addresses[0]);
}

TEST_F(AddressRaceTest, ARefusedAddressIsFollowedAtOnce) {
    const Addresses addresses{closed(), closed(), open()};
    connect(addresses, 1h);
    EXPECT_EQ(winner, addresses[2]);
}

TEST_F(AddressRaceTest, ASilentAddressIsFollowedAfterTheDelay) {
    const Addresses addresses{silent(), open()};
    connect(addresses, 250ms);
    EXPECT_EQ(winner, addresses[1]);
    EXPECT_GE(took, 250ms);
    EXPECT_LT(took, 900ms);
}

TEST_F(AddressRaceTest, AFailureEndsTheDelayWhileAnotherAttemptIsUnderWay) {
    const Addresses addresses{silent(), closed(), open()};
    connect(addresses, 400ms);
    EXPECT_EQ(winner, addresses[2]);
    EXPECT_LT(took, 800ms) << "one delay, not two";
}

TEST_F(AddressRaceTest, AnEarlierAttemptMayStillWin) {
    const Addresses addresses{silent(), silent()};
    net::steady_timer timer(loop, 20ms);  // both are under way
    timer.async_wait([&](error_code) { sockets.push_back(listeners.front().accept()); });
    connect(addresses, 1ms);
    EXPECT_EQ(winner, addresses[0]) << "its SYN is repeated after a second";
}

TEST_F(AddressRaceTest, TheErrorNamesEachReasonOnce) {
    connect({closed(), closed()}, 1h);
    EXPECT_EQ(failure, "Connection refused");
    connect({closed(), silent(), closed()}, 1ms, 50ms);
    EXPECT_EQ(failure, "Connection refused, timed out");
}

TEST_F(AddressRaceTest, BothFamiliesTakePart) {
    try {
        const Addresses addresses{open("::1"), open()};
        connect(addresses, 1h);
        EXPECT_EQ(winner, addresses[0]);
        failure.reset();
        const Addresses without_six{closed("::1"), open()};
        connect(without_six, 1h);
        EXPECT_EQ(winner, without_six[1]);
    } catch (const boost::system::system_error& no_ipv6) {
        GTEST_SKIP() << "no IPv6 here: " << no_ipv6.what();
    }
}

TEST_F(AddressRaceTest, CancellationEndsEveryAttempt) {
    const Addresses addresses{silent(), silent()};
    auto race = [&]() -> net::awaitable<void> { co_await connect_to_any(addresses, 1ms, 1h); };
    tasks.spawn("race", race());
    loop.run_for(20ms);  // both are under way
    net::post(loop, [&] { tasks.stop(); });
    run_out(loop);
    EXPECT_TRUE(tasks.is_empty());
}

}  // namespace
}  // namespace kurs::testing
