#include "venues/coinbase/rest.hpp"

#include "coinbase_stream_fixture.hpp"

namespace kurs::coinbase {
namespace {

std::string book(const WrittenSide& bids, const WrittenSide& asks, const std::string& time,
                 std::uint64_t sequence = 100, bool is_auction = false) {
    return "{" + members(bids, asks) + R"(,"sequence":)" + std::to_string(sequence) + R"(,"auction_mode":)" +
           (is_auction ? "true" : "false") + R"(,"auction":null,"time":")" + time + "\"}";
}

std::string book(const WrittenSide& bids, const WrittenSide& asks, TimePoint at) {
    return book(bids, asks, time_text(at));
}

struct CoinbaseBookPoll : CoinbaseStreamTest {
    std::unique_ptr<PollSession> poll = make_book_poll(shared);

    Outcome answer(const std::string& body, TimePoint at = noon, int status = 200) {
        return poll->on_response({status, {}, body}, at);
    }

    /// The answer to a request about BTC-USD.
    Outcome ask(const std::string& body, TimePoint at = noon) {
        shared->news[eth].confirmed_at = shared->news[usdt].confirmed_at = at + 1h;
        EXPECT_EQ(poll->make_request(at).target, "/products/BTC-USD/book?level=1");
        return answer(body, at);
    }
};

TEST_F(CoinbaseBookPoll, ABookIsAPriceAtItsTime) {
    const auto outcome = ask(book({"80688.08"}, {"80691.53"}, "2026-11-21T11:59:57.300007Z"));
    EXPECT_EQ(shown(outcome), "80688.08 80691.53 #-2699993us +-2700ms");
    EXPECT_EQ(refusals(outcome), "");
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, noon + 5s))), "100 101 #5000000us +0ms")
        << "not later than it arrived";
}

TEST_F(CoinbaseBookPoll, AsksForWhatNoStreamConfirmsWhileItIsNeeded) {
    EXPECT_EQ(poll->next_poll(false), TimePoint::max());
    EXPECT_LE(poll->next_poll(true), noon);
    shared->news[btc].confirmed_at = noon + 1h;
    shared->news[eth].confirmed_at = noon - 1s;
    shared->news[usdt].confirmed_at = noon - 500ms;
    EXPECT_EQ(poll->next_poll(true), noon + 1s) << "40 % of the age limit after the oldest";
    EXPECT_EQ(poll->make_request(noon + 1s).target, "/products/ETH-USD/book?level=1");
    EXPECT_EQ(poll->next_poll(true), noon + 1500ms);
    EXPECT_EQ(poll->make_request(noon + 1500ms).target, "/products/USDT-USD/book?level=1");
    EXPECT_EQ(poll->next_poll(true), noon + 2s);
    EXPECT_EQ(poll->make_request(noon + 2s).target, "/products/ETH-USD/book?level=1") << "once a second";
}

TEST_F(CoinbaseBookPoll, CallsFourTimesASecond) {
    poll->make_request(noon);
    EXPECT_EQ(poll->next_poll(true), noon + 250ms);
    EXPECT_EQ(poll->make_request(noon + 250ms).target, "/products/ETH-USD/book?level=1");
    EXPECT_EQ(poll->next_poll(true), noon + 500ms);
}

TEST_F(CoinbaseBookPoll, AsksForNothingWhoseStateIsNotKnown) {
    listed.reset();
    EXPECT_EQ(poll->next_poll(true), TimePoint::max());
    TradingSource source(shared->trading);
    source.set_pair(usdt, "online");
    EXPECT_EQ(poll->make_request(noon).target, "/products/USDT-USD/book?level=1");
    source.set_pair(usdt, "post_only");
    EXPECT_EQ(poll->next_poll(true), TimePoint::max());
}

TEST_F(CoinbaseBookPoll, ABookThatIsBehindTheStreamsIsNoFault) {
    begin();
    on(heartbeat(90, noon + 1s), noon + 1s);
    on(heartbeat(90, noon + 2s), noon + 2s);
    for (const auto* bid : {"100", "99"}) {
        const auto outcome = ask(book({bid}, {"101"}, time_text(noon + 1500ms), 80), noon + 3s);
        EXPECT_EQ(shown(outcome) + refusals(outcome), "");
    }
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, noon + 2500ms), noon + 3s)), "100 101 #0us +2500ms")
        << "under the number of the stream";
    EXPECT_EQ(shown(ask(book({"99"}, {"101"}, noon + 2600ms), noon + 3s)), "99 101 #2600000us +2600ms");
}

TEST_F(CoinbaseBookPoll, ABookWithANewTimeAndAnOldNumberIsRefused) {
    begin();
    on(heartbeat(100, noon + 1s), noon + 1s);
    EXPECT_EQ(refusals(ask(book({"100"}, {"101"}, time_text(noon + 1s), 99), noon + 2s)),
              "out_of_order BTC-USD");
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, time_text(noon + 1s), 100), noon + 2s)),
              "100 101 #0us +1000ms");
}

TEST_F(CoinbaseBookPoll, AWithdrawnBookIsConfirmedByANewerOneAlone) {
    begin();
    EXPECT_EQ(refusal(update({"102.5"}, {}, noon + 1s), noon + 1s), "crossed BTC-USD");
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, noon + 500ms), noon + 2s)), "");
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, noon + 1s), noon + 2s)), "");
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, noon + 1500ms), noon + 2s)), "100 101 #1500000us +1500ms");
}

TEST_F(CoinbaseBookPoll, ABookThatIsNoPriceIsRefused) {
    begin();
    const auto at = time_text(noon + 1s);
    const std::vector<std::pair<std::string, std::string>> cases{
        {book({}, {"101"}, at), "not_positive BTC-USD"},
        {book({"100"}, {}, at), "not_positive BTC-USD"},
        {book({"-100"}, {"101"}, at), "not_positive BTC-USD"},
        {book({"102"}, {"101"}, at), "crossed BTC-USD"},
        {book({"100"}, {"101"}, at, 100, true), "venue_error BTC-USD in an auction"},
        {book({"100"}, {"101"}, time_text(noon + 12s)), "malformed BTC-USD"},
        {book({"0"}, {"101"}, at), "malformed BTC-USD"},
        {book({"1e5"}, {"101"}, at), "malformed BTC-USD"},
        {R"({"bids":[[100,"1",3]],"asks":[["101","1",3]],"sequence":100,"time":")" + at + "\"}",
         "malformed BTC-USD"},
        {R"({"bids":[["100","1",3]],"asks":[["101","1",3]],"time":")" + at + "\"}", "malformed BTC-USD"},
        {R"({"bids":[["100","1",3]],"asks":[["101","1",3]],"sequence":100})", "malformed BTC-USD"},
        {R"({"bids":[["100","1",3]],"sequence":100,"time":")" + at + "\"}", "malformed BTC-USD"},
        {"{}", "malformed BTC-USD"},
        {"[]", "malformed no object"},
        {"<html>", "malformed no object"},
        {"", "malformed no object"}};
    for (const auto& [body, expected] : cases) {
        poll = make_book_poll(shared);
        const auto outcome = ask(body, noon + 1s);
        EXPECT_EQ(refusals(outcome), expected) << body;
        EXPECT_TRUE(outcome.ticks.empty()) << body;
    }
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, noon + 1s), noon + 1s)), "") << "it has been withdrawn";
}

TEST_F(CoinbaseBookPoll, AnUnknownProductIsAskedForAgainAfterTenMinutes) {
    poll->make_request(noon);
    EXPECT_EQ(refusals(answer(R"({"message":"NotFound"})", noon, 404)),
              "venue_error BTC-USD unknown to the venue");
    EXPECT_EQ(poll->make_request(noon + 1s).target, "/products/ETH-USD/book?level=1");
    listed->set_pair(eth, "offline");
    listed->set_pair(usdt, "offline");
    EXPECT_EQ(poll->next_poll(true), noon + 10min);
}

TEST_F(CoinbaseBookPoll, RestsAsTheVenueAsks) {
    ask(book({"100"}, {"101"}, noon));
    EXPECT_EQ(refusals(answer(R"({"message":"Public rate limit exceeded"})", noon, 429)),
              "venue_error status 429 Public rate limit exceeded");
    EXPECT_EQ(poll->next_poll(true), noon + 15s);
    EXPECT_EQ(poll->next_poll(false), noon + 15s) << "until an answer shows that it works";
    EXPECT_EQ(shown(ask(book({"100"}, {"101"}, noon + 15s), noon + 15s)), "100 101 #0us +15000ms");
    EXPECT_EQ(poll->next_poll(false), TimePoint::max());
    EXPECT_EQ(refusals(answer("<html>", noon + 20s, 403)), "venue_error status 403");
    EXPECT_EQ(poll->next_poll(true), noon + 20s + 1min);
    poll->on_response({429, Headers{{"Retry-After", "40"}}, ""}, noon + 10min);
    EXPECT_EQ(poll->next_poll(true), noon + 10min + 40s);
}

TEST_F(CoinbaseBookPoll, FailuresAreRepeatedEverMoreRarely) {
    poll->on_failure(noon);
    const auto first = poll->next_poll(false) - noon;
    for (int i = 0; i < 10; ++i) answer("", noon, 503);
    EXPECT_LE(first, 1s);
    EXPECT_GE(poll->next_poll(false) - noon, 30s);
    EXPECT_LE(poll->next_poll(false) - noon, 60s);
}

struct CoinbaseListing : ::testing::Test {
    MarketMap map = dollar_books();
    std::shared_ptr<Shared> shared = std::make_shared<Shared>(map, std::vector<SymbolId>{btc, eth, usdt});
    std::unique_ptr<PollSession> poll = make_listing_poll(shared);

    static std::string product(const std::string& name, const std::string& members) {
        const auto dash = name.find('-');
        return R"({"id":")" + name + R"(","base_currency":")" + name.substr(0, dash) +
               R"(","quote_currency":")" + name.substr(dash + 1) + "\"," + members + "}";
    }

    /// What the answer about BTC-USD says: "online", "not post_only", or the refusal.
    std::string said(const std::string& body, int status = 200, TimePoint at = noon) {
        poll->make_request(at);
        const auto outcome = poll->on_response({status, {}, body}, at);
        if (outcome.listings.empty()) return refusals(outcome);
        return (outcome.listings[0].is_trading ? "" : "not ") + outcome.listings[0].status;
    }
};

TEST_F(CoinbaseListing, AsksForEachProductTwiceAtFirstAndThenEveryTenSeconds) {
    std::map<std::string, std::vector<Duration>> asked;
    int calls = 0;
    for (TimePoint now = noon; now < noon + 1min; now += 50ms) {
        if (poll->next_poll(false) > now) continue;
        ++calls;
        asked[poll->make_request(now).target].push_back(now - noon);
    }
    EXPECT_EQ(calls, 21);
    EXPECT_EQ(asked["/products/BTC-USD"],
              (std::vector<Duration>{0ms, 750ms, 10750ms, 20750ms, 30750ms, 40750ms, 50750ms}));
    EXPECT_EQ(asked["/products/USDT-USD"].size(), 7U);
}

TEST_F(CoinbaseListing, TellsWhetherOrdersAreMatched) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"("status":"online")", "online"},
        {R"("status":"online","trading_disabled":false,"cancel_only":false,"post_only":false,"limit_only":false,"auction_mode":false)",
         "online"},
        {R"("status":"online","limit_only":true)", "limit_only"},
        {R"("status":"online","limit_only":true,"post_only":true)", "not post_only"},
        {R"("status":"online","cancel_only":true)", "not cancel_only"},
        {R"("status":"online","trading_disabled":true,"cancel_only":true)", "not trading_disabled"},
        {R"("status":"online","auction_mode":true)", "not auction_mode"},
        {R"("status":"offline")", "not offline"},
        {R"("status":"internal","limit_only":true)", "not internal"},
        {R"("status":"delisted","trading_disabled":true)", "not delisted"},
        {R"("status":"")", "malformed BTC-USD not described"},
        {R"("status":null)", "malformed BTC-USD not described"},
        {R"("state":"online")", "malformed BTC-USD not described"},
        {R"("status":"online","post_only":"true")", "malformed BTC-USD not described"},
        {R"("status":"online","limit_only":1)", "malformed BTC-USD not described"},
        {R"("status":"online","trading_disabled":null)", "malformed BTC-USD not described"}};
    for (const auto& [members, expected] : cases) {
        poll = make_listing_poll(shared);
        EXPECT_EQ(said(product("BTC-USD", members)), expected) << members;
    }
}

TEST_F(CoinbaseListing, AnswersAboutAnotherProductAreRefused) {
    const std::string online = R"("status":"online")";
    EXPECT_EQ(said(product("BTC-USDC", online)), "malformed BTC-USD not described");
    poll = make_listing_poll(shared);
    EXPECT_EQ(said(R"({"id":"BTC-USD","base_currency":"BTC","quote_currency":"USDC","status":"online"})"),
              "not a price of BTC in USDC, not of BTC in USD");
    poll = make_listing_poll(shared);
    EXPECT_EQ(said(R"({"id":"BTC-USD","status":"online"})"), "malformed BTC-USD not described");
    poll = make_listing_poll(shared);
    EXPECT_EQ(said("[" + product("BTC-USD", online) + "]"), "malformed no object");
}

TEST_F(CoinbaseListing, AProductIsAbsentWhenItIsUnknownTwice) {
    shared = std::make_shared<Shared>(map, std::vector<SymbolId>{btc});
    poll = make_listing_poll(shared);
    EXPECT_EQ(said(R"({"message":"NotFound"})", 404), "venue_error BTC-USD absent");
    EXPECT_EQ(said(product("BTC-USD", R"("status":"online")")), "online");
    EXPECT_EQ(said(R"({"message":"NotFound"})", 404), "venue_error BTC-USD absent");
    EXPECT_EQ(said(R"({"message":"NotFound"})", 404), "not absent");
    EXPECT_EQ(poll->next_poll(false), noon + 10min);
    EXPECT_EQ(said(product("BTC-USD", R"("status":"online")"), 200, noon + 10min), "online");
}

TEST_F(CoinbaseListing, AFailureSaysNothingOfAProduct) {
    EXPECT_EQ(said("<html>nothing here</html>", 404), "venue_error status 404");
    poll = make_listing_poll(shared);
    EXPECT_EQ(said(R"({"message":"Internal server error"})", 500),
              "venue_error status 500 Internal server error");
    EXPECT_GT(poll->next_poll(false), noon);
    EXPECT_FALSE(shared->trading->is_named(btc));
}

TEST_F(CoinbaseListing, AHaltEndsTheSessionsOfTheStream) {
    const auto session = make_stream_session(shared);
    EXPECT_FALSE(session->on_time(noon).farewell);
    said(product("BTC-USD", R"("status":"online","cancel_only":true)"));
    EXPECT_TRUE(session->on_time(noon).farewell);
    EXPECT_EQ(make_stream_session(shared)->symbols(), (std::vector{eth, usdt}));
}

}  // namespace
}  // namespace kurs::coinbase
