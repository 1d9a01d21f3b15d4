#include "kurs/app/server_limits.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

struct Case {
    std::size_t listeners;  ///< configured, in addition to 4,096 connections
    std::uint64_t descriptors;
    std::size_t connections_given;
    std::size_t listeners_given;
};

TEST(ServerLimits, RequestsGetHalfOfTheRoomAndWhatSubscribersLeave) {
    const Case cases[] = {
        {10'000, 20'000, 4'096, 10'000},  // enough for all
        {10'000, 4'160, 2'048, 2'048},
        {10'000, 12'352, 4'096, 8'192},
        {100, 4'096, 3'932, 100},
        {0, 1'064, 1'000, 0},
        {10'000, 0, 16, 0},  // the minimum
    };
    for (const auto& each : cases) {
        server::ServerLimits wanted;
        wanted.connections = 4'096;
        wanted.push.subscribers = each.listeners;
        const auto given = fit(wanted, each.descriptors);
        EXPECT_EQ(given.connections, each.connections_given) << each.descriptors;
        EXPECT_EQ(given.push.subscribers, each.listeners_given) << each.descriptors;
    }
}

}  // namespace
}  // namespace kurs
