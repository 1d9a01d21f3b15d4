#include <gtest/gtest.h>

#include "kraken_fixture.hpp"

namespace kurs::kraken {
namespace {

struct KrakenTradingTest : ::testing::Test {
    MarketMap map = dollar_books();
    std::shared_ptr<TradingState> state =
        make_trading_state(map, std::vector<SymbolId>{btc, eth, usdt, usdc});
    TradingSource rest{state};
    std::unique_ptr<TradingSource> stream = std::make_unique<TradingSource>(state);
};

TEST_F(KrakenTradingTest, ASymbolIsUnknownUntilASourceNamesIt) {
    EXPECT_FALSE(state->is_named(btc));
    EXPECT_EQ(state->subscribable().size(), 4U);
    stream->set_pair(btc, "online");
    EXPECT_TRUE(state->is_named(btc));
    EXPECT_FALSE(state->is_named(eth));
    EXPECT_EQ(state->edition(), 0);
}

TEST_F(KrakenTradingTest, ACachedAnswerDoesNotReviveAHaltedSymbol) {
    EXPECT_FALSE(stream->set_pair(btc, "cancel_only").is_trading);
    const auto listing = rest.set_pair(btc, "online");
    EXPECT_FALSE(listing.is_trading);
    EXPECT_EQ(listing.status, "cancel_only");
    EXPECT_TRUE(stream->set_pair(btc, "online").is_trading);
}

TEST_F(KrakenTradingTest, ALastingDisagreementChangesTheSetOnce) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(rest.set_pair(btc, "delisted").is_trading);
        EXPECT_FALSE(stream->set_pair(btc, "online").is_trading);
    }
    EXPECT_EQ(state->edition(), 1);
}

TEST_F(KrakenTradingTest, ACachedAnswerDoesNotReviveAHaltedVenue) {
    stream->set_system("maintenance");
    for (const auto& listing : rest.set_system("online")) {
        EXPECT_FALSE(listing.is_trading);
        EXPECT_EQ(listing.status, "system maintenance");
    }
    EXPECT_EQ(state->system(), "maintenance");
    EXPECT_TRUE(stream->set_system("online").at(0).is_trading);
    EXPECT_EQ(state->system(), "online");
}

TEST_F(KrakenTradingTest, StatementsEndWithTheirSource) {
    stream->set_pair(btc, "online");
    stream.reset();
    EXPECT_FALSE(state->is_named(btc));
}

TEST_F(KrakenTradingTest, AnObjectionLastsUntilAnotherSourceSpeaks) {
    stream->set_pair(btc, "cancel_only");
    stream->set_system("maintenance");
    stream.reset();
    EXPECT_EQ(state->subscribable(), (std::vector{eth, usdt, usdc})) << "for the next session";
    EXPECT_EQ(state->edition(), 1);
    EXPECT_EQ(state->system(), "maintenance");
    stream = std::make_unique<TradingSource>(state);
    stream->set_system("online");
    EXPECT_TRUE(stream->set_pair(btc, "online").is_trading);
    EXPECT_EQ(state->edition(), 2);
}

TEST_F(KrakenTradingTest, ASessionThatReplacesAnotherDoesNotChangeTheSet) {
    stream->set_pair(btc, "cancel_only");
    for (int i = 0; i < 3; ++i) {
        stream.reset();
        stream = std::make_unique<TradingSource>(state);
        EXPECT_EQ(state->subscribable().size(), 3U);
        stream->set_pair(btc, "cancel_only");
    }
    EXPECT_EQ(state->edition(), 1);
}

}  // namespace
}  // namespace kurs::kraken
