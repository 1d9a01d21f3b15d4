#include "options.hpp"

#include <gtest/gtest.h>

#include "rejected.hpp"

using namespace sim;

TEST(Options, HaveDefaults) {
    const auto options = parse_options({});
    EXPECT_EQ(options.ports.control, 9100);
    EXPECT_EQ(options.binance_stream.ping_every, Millis{20'000});
    EXPECT_EQ(options.coingecko_keys, (std::vector<std::string>{"demo-key", "pro-key"}));
}

TEST(Options, AreSetWithOrWithoutEquals) {
    const auto options = parse_options({"--cbr-port", "0", "--seed=7", "--tls", "--pong-limit=600ms",
                                        "--replay", "a", "--replay", "b", "--coingecko-key", "k"});
    EXPECT_EQ(options.ports.cbr, 0);
    EXPECT_EQ(options.seed, 7U);
    EXPECT_TRUE(options.tls);
    EXPECT_EQ(options.binance_stream.pong_limit, Millis{600});
    EXPECT_EQ(options.replays.size(), 2U);
    EXPECT_EQ(options.coingecko_keys, (std::vector<std::string>{"k"}));
}

TEST(Options, WrongOnesAreRejected) {
    const std::vector<std::vector<std::string>> wrong{
        {"--bogus"},
        {"--seed"},
        {"--seed", "x"},
        {"--cbr-port", "70000"},
        {"--ping-every", "5"},
        {"--tls=yes"},
        {"--speed", "0"},
        {"--log-level", "loud"},
        {"stray"},
        {"--ca-out", "file"},
    };
    for (const auto& arguments : wrong) EXPECT_THROW(parse_options(arguments), Rejected) << arguments.front();
}
