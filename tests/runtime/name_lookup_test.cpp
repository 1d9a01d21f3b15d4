#include "kurs/runtime/name_lookup.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <latch>

#include "kurs/runtime/task_group.hpp"
#include "support/running_loop.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;
using net::ip::make_address;

net::ip::tcp::endpoint address(const char* text) {
    return {make_address(text), 443};
}

LookupResult ask(const std::string& host, Duration limit, BlockingLookup lookup) {
    net::io_context loop;
    TaskGroup tasks(loop.get_executor());
    std::optional<LookupResult> found;
    auto look = [&]() -> net::awaitable<void> { found = co_await look_up(host, 443, limit, lookup); };
    tasks.spawn("lookup", look());
    run_until(loop, [&] { return found.has_value(); });
    run_out(loop);
    return found.value_or(net::error::make_error_code(net::error::not_found));
}

TEST(NameLookup, ReturnsAnAddressUnchanged) {
    const auto found = ask("127.0.0.1", 5s, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, Addresses{address("127.0.0.1")});
}

TEST(NameLookup, ReturnsTheResultOfTheLookup) {
    const auto lookup = [](const std::string&, std::uint16_t) { return Addresses{address("192.0.2.1")}; };
    const auto found = ask("venue.example", 5s, lookup);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, Addresses{address("192.0.2.1")});
}

TEST(NameLookup, ReturnsTheErrorOfTheLookup) {
    const auto lookup = [](const std::string&, std::uint16_t) -> LookupResult {
        return net::error::make_error_code(net::error::host_not_found);
    };
    EXPECT_EQ(ask("venue.example", 5s, lookup).error(), net::error::host_not_found);
}

TEST(NameLookup, ResolvesALocalName) {
    EXPECT_TRUE(ask("localhost", 5s, look_up_blocking));
}

TEST(NameLookup, TimesOut) {
    auto released = std::make_shared<std::latch>(1);
    const auto lookup = [released](const std::string&, std::uint16_t) -> LookupResult {
        released->wait();
        return Addresses{};
    };
    EXPECT_EQ(ask("venue.example", 10ms, lookup).error(), net::error::timed_out);
    released->count_down();
}

TEST(NameLookup, EndsAtOnceWhenCancelled) {
    net::io_context loop;
    TaskGroup tasks(loop.get_executor());
    auto released = std::make_shared<std::latch>(1);
    const auto lookup = [released](const std::string&, std::uint16_t) -> LookupResult {
        released->wait();
        return Addresses{};
    };
    auto look = [&]() -> net::awaitable<void> { co_await look_up("venue.example", 443, 1h, lookup); };
    tasks.spawn("lookup", look());
    loop.poll();
    net::post(loop, [&] { tasks.stop(); });
    run_out(loop);
    EXPECT_TRUE(tasks.is_empty());
    released->count_down();
}

TEST(DiallingOrder, AlternatesFamiliesAndStopsAtFour) {
    const auto six1 = address("2001:db8::1"), six2 = address("2001:db8::2"), six3 = address("2001:db8::3");
    const auto four1 = address("192.0.2.1"), four2 = address("192.0.2.2");
    EXPECT_EQ(dialling_order({six1, six2, six3, four1}), (Addresses{six1, four1, six2, six3}));
    EXPECT_EQ(dialling_order({four1, four2, six1, six2, six3}), (Addresses{four1, six1, four2, six2}));
    EXPECT_EQ(dialling_order({}), Addresses{});
}

TEST(DiallingOrder, KeepsEveryAddressUpToTheBound) {
    const auto six1 = address("2001:db8::1"), six2 = address("2001:db8::2"), four1 = address("192.0.2.1");
    EXPECT_EQ(dialling_order({six1, six2, four1}, 16), (Addresses{six1, four1, six2}));
    EXPECT_EQ(dialling_order(Addresses(20, six1), 16).size(), 16U);
}

}  // namespace
}  // namespace kurs::testing
