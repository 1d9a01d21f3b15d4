#include "venues/bybit/rest.hpp"

#include "bybit_fixture.hpp"

namespace kurs::bybit {
namespace {

struct BybitRestTest : ::testing::Test {
    MarketMap map = tether_books();
    std::shared_ptr<Tops> tops = std::make_shared<Tops>();
    std::unique_ptr<PollSession> books = make_book_poll(map, {btc, eth, usdc}, tops);
    std::unique_ptr<PollSession> listing = make_listing_poll(map, {btc, eth, usdc});
    TimePoint now = noon;

    Outcome answer(PollSession& poll, std::string body, int status = 200, Headers headers = {}) {
        poll.make_request(now);
        return poll.on_response({status, std::move(headers), std::move(body)}, now + 200ms);
    }

    Duration wait(const PollSession& poll) const { return poll.next_poll(true) - now; }

    static std::string result(const std::string& members) {
        return R"({"retCode":0,"retMsg":"OK","result":{)" + members + R"(},"retExtInfo":{},"time":1})";
    }

    static std::string error(int code, std::string_view message) {
        return R"({"retCode":)" + std::to_string(code) + R"(,"retMsg":")" + std::string(message) +
               R"(","result":{},"retExtInfo":{},"time":1})";
    }

    static std::string book(const WrittenBook& book, TimePoint sent_at, TimePoint matched_at = noon) {
        return result(book.members() + R"(,"ts":)" + milliseconds(sent_at) + R"(,"cts":)" +
                      milliseconds(matched_at));
    }

    static std::string instrument(std::string_view base, std::string_view quote = "USDT",
                                  std::string_view status = "Trading") {
        return R"({"symbol":")" + std::string(base) + R"(USDT","baseCoin":")" + std::string(base) +
               R"(","quoteCoin":")" + std::string(quote) + R"(","status":")" + std::string(status) + R"("})";
    }

    static std::string list(const std::string& instruments) {
        return result(R"("category":"spot","list":[)" + instruments + "]");
    }

    static std::string told(const Outcome& outcome) {
        if (outcome.refusals.size() == 1)
            return std::string(to_string(outcome.refusals[0].reason)) + " " + outcome.refusals[0].what;
        if (outcome.ticks.size() != 1) return std::to_string(outcome.ticks.size()) + " ticks";
        const Tick& tick = outcome.ticks[0];
        return to_string(tick.bid) + " " + to_string(tick.ask) + ", " + std::to_string(tick.sequence) +
               " @ " + std::to_string((tick.observed_at - noon).count());
    }
};

TEST_F(BybitRestTest, AsksForOneBookAfterTheOther) {
    EXPECT_EQ(books->make_request(now).target, "/v5/market/orderbook?category=spot&symbol=BTCUSDT&limit=1");
    const auto outcome = books->on_response({200, {}, book({}, noon + 150ms)}, now + 200ms);
    EXPECT_EQ(told(outcome), "63705.3 63705.4, 100 @ 150");
    EXPECT_EQ(outcome.ticks.at(0).symbol, btc);
    EXPECT_EQ(wait(*books), 300ms);
    EXPECT_EQ(books->make_request(now).target, "/v5/market/orderbook?category=spot&symbol=ETHUSDT&limit=1");
    books->make_request(now);
    EXPECT_EQ(books->make_request(now).target, "/v5/market/orderbook?category=spot&symbol=BTCUSDT&limit=1");
}

TEST_F(BybitRestTest, IsNotPolledWhileTheStreamDelivers) {
    EXPECT_EQ(books->next_poll(false), TimePoint::max());
    EXPECT_LE(books->next_poll(true), now);
    EXPECT_LE(listing->next_poll(false), now);
}

TEST_F(BybitRestTest, AFailureIsFollowedUntilAnAnswer) {
    books->make_request(now);
    books->on_failure(now);
    EXPECT_LE(books->next_poll(false), now + 2s);
    EXPECT_EQ(told(answer(*books, book({.symbol = "ETHUSDT"}, noon))), "63705.3 63705.4, 100 @ 0");
    EXPECT_EQ(books->next_poll(false), TimePoint::max());
}

TEST_F(BybitRestTest, ConfirmsTheTopOfTheStreamUnderItsNumber) {
    tops->observe(btc, {rate("63705.3"), rate("63705.4")}, 90, noon);
    EXPECT_EQ(told(answer(*books, book({.sequence = 120}, noon + 100ms))), "63705.3 63705.4, 90 @ 100");
}

TEST_F(BybitRestTest, AnOldBookConfirmsNothing) {
    tops->observe(btc, {rate("63705.3"), rate("63705.4")}, 90, noon);
    tops->observe(btc, {rate("63705.3"), rate("63705.5")}, 110, noon + 1s);
    EXPECT_EQ(told(answer(*books, book({.sequence = 100}, noon + 5s))), "out_of_order BTCUSDT");
    tops->observe(usdc, {rate("63705.3"), rate("63705.4")}, 90, noon);
    tops->note(usdc, 130);
    tops->withdraw(eth, 110);
    EXPECT_EQ(told(answer(*books, book({.symbol = "ETHUSDT", .sequence = 110}, noon + 5s))),
              "out_of_order ETHUSDT");
    EXPECT_EQ(told(answer(*books, book({.symbol = "USDCUSDT", .sequence = 120}, noon + 5s))),
              "out_of_order USDCUSDT")
        << "the same top, but the stream has seen a newer book";
}

TEST_F(BybitRestTest, ABookWithoutPriceIsWithdrawn) {
    EXPECT_EQ(told(answer(*books, book({.bids = ""}, noon))), "not_positive BTCUSDT");
    EXPECT_FALSE(tops->observe(btc, {rate("1"), rate("2")}, 100, noon));
    EXPECT_TRUE(tops->observe(btc, {rate("1"), rate("2")}, 101, noon));
    EXPECT_EQ(told(answer(*books, book({.symbol = "ETHUSDT", .bids = level("63705.5")}, noon))),
              "crossed ETHUSDT");
}

TEST_F(BybitRestTest, UnusableAnswersAreCounted) {
    for (const auto* body : {"", "garbage", "[]", "{}", "7", R"({"retCode":"0"})", R"({"retCode":0})",
                             R"({"retCode":0,"result":[]})"}) {
        SCOPED_TRACE(body);
        books = make_book_poll(map, {btc}, tops);
        EXPECT_EQ(answer(*books, body).refusals.size(), 1U);
        EXPECT_GE(wait(*books), 1s);
    }
    books = make_book_poll(map, {btc}, tops);
    EXPECT_EQ(told(answer(*books, book({.symbol = "ETHUSDT"}, noon))), "malformed BTCUSDT") << "another book";
    EXPECT_EQ(told(answer(*books, book({.bids = level("-1")}, noon))), "malformed BTCUSDT");
    EXPECT_EQ(told(answer(*books, book({}, noon + 1min))), "malformed BTCUSDT") << "a time in the future";
}

TEST_F(BybitRestTest, ErrorsWithStatus200AreErrors) {
    EXPECT_EQ(told(answer(*books, error(10016, "Internal error"))), "venue_error 10016 Internal error");
    EXPECT_GE(wait(*books), 1s);
    EXPECT_EQ(told(answer(*books, error(10006, "Too many visits!"))), "venue_error 10006 Too many visits!");
    EXPECT_GE(wait(*books), 15s);
    EXPECT_EQ(told(answer(*books, error(10001, "Not supported symbols"))),
              "venue_error 10001 Not supported symbols");
    EXPECT_EQ(wait(*books), 300ms) << "the next symbol";
}

TEST_F(BybitRestTest, RestsWhileItsAddressIsBlockedOrLimited) {
    const auto blocked = answer(*listing, "<!DOCTYPE HTML><H1>403 ERROR</H1>", 403);
    EXPECT_TRUE(blocked.refusals.empty() && blocked.listings.empty()) << "the feed reports the status";
    EXPECT_EQ(wait(*listing), 10min + 200ms);
    answer(*books, "", 429, {{"Retry-After", "120"}});
    EXPECT_EQ(wait(*books), 120200ms);
    answer(*books, "", 429);
    EXPECT_GE(wait(*books), 15s);
    answer(*books, "", 503);
    EXPECT_LE(wait(*books), 61s);
}

TEST_F(BybitRestTest, ListsWhatIsTraded) {
    EXPECT_EQ(listing->make_request(now).target, "/v5/market/instruments-info?category=spot");
    const auto outcome =
        answer(*listing, list(instrument("BTC") + "," + instrument("ETH", "USDT", "PreLaunch") + "," +
                              instrument("USDC", "EUR")));
    ASSERT_EQ(outcome.listings.size(), 3U);
    EXPECT_TRUE(outcome.listings[0].is_trading);
    EXPECT_FALSE(outcome.listings[1].is_trading);
    EXPECT_EQ(outcome.listings[1].status, "PreLaunch");
    EXPECT_EQ(outcome.listings[2].status, "a price of USDC in EUR, not of USDC in USDT");
    EXPECT_EQ(wait(*listing), 60200ms);
}

TEST_F(BybitRestTest, ASymbolThatIsAbsentTwiceIsNotTraded) {
    const auto body = list(instrument("BTC") + "," + instrument("ETH"));
    EXPECT_EQ(told(answer(*listing, body)), "venue_error USDCUSDT absent");
    const auto outcome = answer(*listing, body);
    ASSERT_EQ(outcome.listings.size(), 3U);
    EXPECT_FALSE(outcome.listings[2].is_trading);
    EXPECT_EQ(outcome.listings[2].status, "absent");
    answer(*listing, list(instrument("BTC") + "," + instrument("ETH") + "," + instrument("USDC")));
    EXPECT_EQ(told(answer(*listing, body)), "venue_error USDCUSDT absent") << "for the first time again";
}

TEST_F(BybitRestTest, AnEmptyListChangesNothing) {
    EXPECT_EQ(told(answer(*listing, list(""))), "malformed list of instruments");
    EXPECT_EQ(answer(*listing, list("7")).refusals.size(), 3U);
}

}  // namespace
}  // namespace kurs::bybit
