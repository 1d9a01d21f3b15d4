#include <gtest/gtest.h>

#include "kraken_fixture.hpp"
#include "venues/kraken/pair_names.hpp"
#include "venues/kraken/rest.hpp"

namespace kurs::kraken {
namespace {

struct KrakenRestTest : TradedBooks {
    std::unique_ptr<PollSession> ticker = make_ticker_poll(state);
    std::unique_ptr<PollSession> listing = make_listing_poll(state);
    TimePoint now = noon;

    Outcome answer(PollSession& poll, std::string body, int status = 200, Headers headers = {}) {
        poll.make_request(now);
        return poll.on_response({status, std::move(headers), std::move(body)}, now + 200ms);
    }

    Duration wait(const PollSession& poll) const { return poll.next_poll(true) - now; }

    static std::string result(const std::string& members) {
        return R"({"error":[],"result":{)" + members + "}}";
    }

    static std::string prices(std::string_view name, std::string_view bid, std::string_view ask) {
        return '"' + std::string(name) + R"(":{"a":[)" + std::string(ask) + R"(,"1","1.000"],"b":[)" +
               std::string(bid) + R"(,"2","2.000"],"c":["1","1"]})";
    }

    static std::string pair(std::string_view name, std::string_view wsname, std::string_view status) {
        return '"' + std::string(name) + R"(":{"altname":"x","wsname":")" + std::string(wsname) +
               R"(","status":")" + std::string(status) + R"("})";
    }

    /// A listing's answer about the pairs, after the answer about the venue.
    Outcome pairs(const std::string& members) {
        answer(*listing, result(R"("status":"online","timestamp":"2023-07-06T18:52:00Z")"));
        return answer(*listing, result(members));
    }
};

const std::string unknown_pair = R"({"error":["EQuery:Unknown asset pair"]})";
const std::string all_prices =
    R"("XXBTZUSD":{"a":["52523.10000","1","1.000"],"b":["52523.00000","2","2.000"]},)"
    R"("XETHZUSD":{"a":["2001.5","1","1.000"],"b":["2001.4","2","2.000"]},)"
    R"("USDTZUSD":{"a":["0.99967000","1923929","1923929.000"],"b":["0.99966000","322231","322231.000"]},)"
    R"("USDCUSD":{"a":["1.0001","1","1.000"],"b":["1.0000","2","2.000"]})";

TEST(KrakenPairNames, AskUnderOneNameAndFindUnderSeveral) {
    EXPECT_EQ(rest_name("BTC/USD"), "XBTUSD");
    EXPECT_EQ(rest_name("DOGE/EUR"), "XDGEUR");
    EXPECT_EQ(rest_name("USDT/USD"), "USDTUSD");
    const auto found = [](std::string_view symbol, std::string_view key) {
        return std::ranges::count(answer_names(symbol), key) == 1;
    };
    EXPECT_TRUE(found("BTC/USD", "XXBTZUSD"));
    EXPECT_TRUE(found("ETH/EUR", "XETHZEUR"));
    EXPECT_TRUE(found("USDT/USD", "USDTZUSD"));
    EXPECT_TRUE(found("USDC/USDT", "USDCUSDT"));
    EXPECT_TRUE(found("ETH/BTC", "XETHXXBT"));
    EXPECT_FALSE(found("BTC/USD", "XXBTZUSD.d"));
}

TEST_F(KrakenRestTest, BridgesAllSymbolsInOneCall) {
    EXPECT_EQ(ticker->make_request(now).target, "/0/public/Ticker?pair=XBTUSD%2CETHUSD%2CUSDTUSD%2CUSDCUSD");
    const auto outcome = answer(*ticker, result(all_prices));
    ASSERT_EQ(outcome.ticks.size(), 4U);
    EXPECT_EQ(outcome.ticks[0].symbol, btc);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "52523");
    EXPECT_EQ(to_string(outcome.ticks[2].ask), "0.99967");
    EXPECT_EQ(outcome.ticks[0].observed_at, noon) << "the time of the request";
    EXPECT_EQ(outcome.ticks[0].sequence, 0U);
    EXPECT_EQ(wait(*ticker), 2200ms);
}

TEST_F(KrakenRestTest, IsNotPolledWhileTheStreamDelivers) {
    EXPECT_EQ(ticker->next_poll(false), TimePoint::max());
    EXPECT_LE(ticker->next_poll(true), now);
    EXPECT_LE(listing->next_poll(false), now);
}

TEST_F(KrakenRestTest, APairHasNoPriceBeforeItsStatusIsKnown) {
    other_source.reset();
    EXPECT_EQ(ticker->next_poll(true), TimePoint::max());
    EXPECT_EQ(pairs(pair("XXBTZUSD", "XBT/USD", "online")).listings.size(), 1U);
    EXPECT_LE(ticker->next_poll(true), now);
    const auto outcome = answer(*ticker, result(all_prices));
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(outcome.ticks[0].symbol, btc);
}

TEST_F(KrakenRestTest, AFailureIsFollowedUntilAnAnswer) {
    answer(*ticker, "", 503);
    EXPECT_LE(ticker->next_poll(false), now + 3s);
    answer(*ticker, result(all_prices));
    EXPECT_EQ(ticker->next_poll(false), TimePoint::max());
}

TEST_F(KrakenRestTest, ABadEntryCostsOnlyItsSymbol) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {prices("XXBTZUSD", R"("52523.0")", R"("52522.0")"), "crossed BTC/USD"},
        {prices("XXBTZUSD", R"("0.00000")", R"("52522.0")"), "not_positive BTC/USD"},
        {prices("XXBTZUSD", R"("-1")", R"("52522.0")"), "malformed BTC/USD"},
        {prices("XXBTZUSD", R"("NaN")", R"("52522.0")"), "malformed BTC/USD"},
        {prices("XXBTZUSD", "null", R"("52522.0")"), "malformed BTC/USD"},
        {prices("XXBTZUSD", "52521.5", R"("52522.0")"), "malformed BTC/USD"},
        {R"("XXBTZUSD":{"a":[],"b":{}})", "malformed BTC/USD"},
        {R"("XXBTZUSD":[1])", "malformed BTC/USD missing"},
        {R"("XXBTZUSD":null)", "malformed BTC/USD missing"},
        {R"("XXBTZUSD.d":{"a":["2","1"],"b":["1","1"]})", "malformed BTC/USD missing"}};
    const auto others = all_prices.substr(all_prices.find(R"("XETHZUSD")"));
    for (const auto& [entry, expected] : cases) {
        const auto outcome = answer(*ticker, result(entry + "," + others));
        EXPECT_EQ(outcome.ticks.size(), 3U) << entry;
        ASSERT_EQ(outcome.refusals.size(), 1U) << entry;
        EXPECT_EQ(std::string(to_string(outcome.refusals[0].reason)) + " " + outcome.refusals[0].what,
                  expected);
    }
}

TEST_F(KrakenRestTest, FindsThePairThatTheVenueDoesNotKnow) {
    EXPECT_TRUE(answer(*ticker, unknown_pair).refusals.empty());
    EXPECT_EQ(wait(*ticker), 1200ms) << "one call a second";
    EXPECT_EQ(ticker->make_request(now).target, "/0/public/Ticker?pair=XBTUSD");
    EXPECT_EQ(answer(*ticker, result(all_prices)).ticks.size(), 1U);
    EXPECT_EQ(answer(*ticker, result(all_prices)).ticks.size(), 1U);
    EXPECT_EQ(answer(*ticker, result(all_prices)).ticks.size(), 1U);
    EXPECT_EQ(answer(*ticker, unknown_pair).refusals.at(0).what, "USDC/USD unknown to the venue");
    EXPECT_EQ(ticker->make_request(now).target, "/0/public/Ticker?pair=XBTUSD%2CETHUSD%2CUSDTUSD");
}

TEST_F(KrakenRestTest, ErrorsWithStatus200AreErrors) {
    for (const auto* error : {"EService:Unavailable", "EGeneral:Invalid arguments", "EQuery:Unknown"}) {
        SCOPED_TRACE(error);
        listing = make_listing_poll(state);
        const auto outcome =
            answer(*listing, R"({"error":[")" + std::string(error) + R"("],"result":{"status":"online"}})");
        ASSERT_EQ(outcome.refusals.size(), 1U);
        EXPECT_EQ(outcome.refusals[0].what, error);
        EXPECT_GE(wait(*listing), 1s);
        EXPECT_LE(wait(*listing), 3s);
    }
    EXPECT_EQ(
        answer(*ticker, R"({"error":["WGeneral:Deprecated"],"result":{)" + all_prices + "}}").ticks.size(),
        4U)
        << "a warning";
}

TEST_F(KrakenRestTest, RestsWhileTheVenueLimitsTheRate) {
    answer(*ticker, R"({"error":["EAPI:Rate limit exceeded"]})");
    EXPECT_GE(wait(*ticker), 15s);
    const auto until = std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(noon.time_since_epoch()).count() + 90);
    answer(*ticker, R"({"error":["EService: Throttled: )" + until + R"("]})");
    EXPECT_EQ(wait(*ticker), 90s);
    answer(*ticker, R"({"error":["EService: Throttled: 4294967295"]})");
    EXPECT_LE(wait(*ticker), 61min);
    answer(*ticker, "", 429, {{"Retry-After", "120"}});
    EXPECT_EQ(wait(*ticker), 120200ms);
    answer(*ticker, "", 429);
    EXPECT_GE(wait(*ticker), 15s);
    answer(*ticker, "<html>", 403);
    EXPECT_GE(wait(*ticker), 1min);
    answer(*ticker, "", 503);
    EXPECT_LE(wait(*ticker), 61s);
    EXPECT_EQ(answer(*ticker, result(all_prices)).ticks.size(), 4U);
    EXPECT_EQ(wait(*ticker), 2200ms);
}

TEST_F(KrakenRestTest, UnusableAnswersAreCounted) {
    for (const auto* body :
         {"", "garbage", "[]", "{}", "7", R"({"error":[]})", R"({"error":[],"result":[]})",
          R"({"error":[7]})", R"({"error":[""],"result":{}})", R"({"error":null,"result":null})"}) {
        const auto outcome = answer(*ticker, body);
        EXPECT_TRUE(outcome.ticks.empty());
        EXPECT_EQ(outcome.refusals.size(), 1U) << body;
    }
    ticker->on_failure(now);
    EXPECT_GT(wait(*ticker), 0s);
}

TEST_F(KrakenRestTest, AQuestionThatFailsDoesNotBlockTheOthers) {
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(listing->make_request(now).target, "/0/public/SystemStatus");
        answer(*listing, "Not Found", 404);
        EXPECT_LE(wait(*listing), 3s) << "the path of one question is wrong";
        EXPECT_TRUE(listing->make_request(now).target.starts_with("/0/public/AssetPairs"));
        EXPECT_EQ(answer(*listing, result(pair("XXBTZUSD", "XBT/USD", "online"))).listings.size(),
                  round == 0 ? 1U : 4U);
        EXPECT_EQ(listing->make_request(now).target, "/0/public/SystemStatus") << "again";
        listing->on_failure(now);
    }
}

TEST_F(KrakenRestTest, ListsTheVenueAndItsPairs) {
    EXPECT_EQ(listing->make_request(now).target, "/0/public/SystemStatus");
    const auto halted = answer(*listing, result(R"("status":"maintenance")"));
    ASSERT_EQ(halted.listings.size(), 4U);
    EXPECT_FALSE(halted.listings[0].is_trading);
    EXPECT_EQ(wait(*listing), 1200ms);
    EXPECT_EQ(listing->make_request(now).target,
              "/0/public/AssetPairs?pair=XBTUSD%2CETHUSD%2CUSDTUSD%2CUSDCUSD");
    answer(*listing, result(pair("XXBTZUSD", "XBT/USD", "online")));
    EXPECT_EQ(wait(*listing), 60200ms);
    const auto outcome =
        pairs(pair("XXBTZUSD", "XBT/USD", "online") + "," + pair("XETHZUSD", "ETH/USD", "cancel_only") + "," +
              pair("USDTZUSD", "USDT/USD", "limit_only") + "," + pair("USDCUSD", "USDC/USD", "delisted"));
    ASSERT_EQ(outcome.listings.size(), 4U);
    EXPECT_TRUE(outcome.listings[0].is_trading);
    EXPECT_FALSE(outcome.listings[1].is_trading);
    EXPECT_TRUE(outcome.listings[2].is_trading);
    EXPECT_EQ(outcome.listings[3].status, "delisted");
    EXPECT_EQ(state->subscribable(), (std::vector{btc, usdt}));
}

TEST_F(KrakenRestTest, AnObjectionThatTheStreamContradictsIsCheckedSoon) {
    const auto all = pair("XETHZUSD", "ETH/USD", "online") + "," + pair("USDTZUSD", "USDT/USD", "online") +
                     "," + pair("USDCUSD", "USDC/USD", "online");
    pairs(pair("XXBTZUSD", "XBT/USD", "cancel_only") + "," + all);
    EXPECT_EQ(wait(*listing), 10200ms);
    other_source->source.set_pair(btc, "cancel_only");
    EXPECT_EQ(wait(*listing), 60200ms) << "they agree";
    other_source->source.set_pair(btc, "online");
    EXPECT_EQ(wait(*listing), 10200ms);
    answer(*listing, result(R"("status":"online")"));
    EXPECT_EQ(wait(*listing), 1200ms) << "one call a second";
    EXPECT_TRUE(answer(*listing, result(pair("XXBTZUSD", "XBT/USD", "online") + "," + all))
                    .listings.at(0)
                    .is_trading);
    EXPECT_EQ(wait(*listing), 60200ms);
}

TEST_F(KrakenRestTest, ASymbolIsWithdrawnOnlyWhenItIsMissingTwice) {
    EXPECT_TRUE(pairs(pair("XXBTZUSD", "XBT/USD", "online")).listings.size() == 1);
    const auto outcome = pairs(pair("XXBTZUSD", "XBT/USD", "online"));
    ASSERT_EQ(outcome.listings.size(), 4U);
    EXPECT_EQ(outcome.listings[1].status, "absent");
}

TEST_F(KrakenRestTest, APairOfOtherAssetsIsWithdrawn) {
    const auto outcome = pairs(pair("XXBTZUSD", "ETH/USD", "online"));
    EXPECT_FALSE(outcome.listings.at(0).is_trading);
    EXPECT_EQ(outcome.listings[0].status, "a price of ETH in USD, not of BTC in USD");
}

TEST_F(KrakenRestTest, AnEntryThatDoesNotDescribeAPairChangesNothing) {
    const auto outcome = pairs(
        R"("XXBTZUSD":{"status":"online"},"XETHZUSD":7,"USDTZUSD":{"wsname":"USDT/USD"},"USDCUSD":null)");
    EXPECT_TRUE(outcome.listings.empty());
    EXPECT_EQ(outcome.refusals.size(), 4U);
}

}  // namespace
}  // namespace kurs::kraken
