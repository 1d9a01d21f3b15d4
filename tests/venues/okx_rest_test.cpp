#include <gtest/gtest.h>

#include "okx_fixture.hpp"
#include "venues/okx/rest.hpp"

namespace kurs::okx {
namespace {

struct OkxRestTest : TradedBooks {
    std::unique_ptr<PollSession> books = make_book_poll(shared);
    std::unique_ptr<PollSession> listing = make_listing_poll(shared);
    TimePoint now = noon;

    Outcome answer(PollSession& poll, std::string body, int status = 200, Headers headers = {}) {
        poll.make_request(now);
        return poll.on_response({status, std::move(headers), std::move(body)}, now + 200ms);
    }

    Duration wait(const PollSession& poll) const { return poll.next_poll(false) - now; }

    static std::string data(const std::string& entries) {
        return R"({"code":"0","msg":"","data":[)" + entries + "]}";
    }

    static std::string error(std::string_view code, std::string_view message) {
        return R"({"code":")" + std::string(code) + R"(","msg":")" + std::string(message) + R"(","data":[]})";
    }

    std::string book(const std::string& bid, const std::string& ask, std::int64_t sequence) const {
        return data(book_entry({bid}, {ask}, numbers(sequence), now - 1h));
    }

    static std::string instrument(std::string_view symbol, std::string_view state) {
        const auto dash = symbol.find('-');
        return R"({"instId":")" + std::string(symbol) + R"(","baseCcy":")" +
               std::string(symbol.substr(0, dash)) + R"(","quoteCcy":")" +
               std::string(symbol.substr(dash + 1)) + R"(","state":")" + std::string(state) + R"("})";
    }

    const std::string others = instrument("ETH-USDT", "live") + "," + instrument("USDC-USDT", "live");

    void confirm_all(TimePoint at) {
        for (const SymbolId symbol : {btc, eth, usdc}) shared->news[symbol].confirmed_at = at;
    }
};

TEST_F(OkxRestTest, AsksForTheSymbolThatIsSilentForTwoSeconds) {
    confirm_all(noon);
    shared->news[usdc].confirmed_at = noon - 1s;
    EXPECT_EQ(wait(*books), 1s);
    now += 1s;
    EXPECT_EQ(books->make_request(now).target, "/api/v5/market/books?instId=USDC-USDT&sz=1");
    const auto outcome = books->on_response({200, {}, book("0.9999", "1", 7)}, now + 200ms);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(outcome.ticks[0].symbol, usdc);
    EXPECT_EQ(to_string(outcome.ticks[0].bid) + " " + to_string(outcome.ticks[0].ask), "0.9999 1");
    EXPECT_EQ(outcome.ticks[0].observed_at, now - 50ms) << "the time of the request, less the venue's cache";
    EXPECT_EQ(outcome.ticks[0].sequence, 0U);
    EXPECT_EQ(shared->news[usdc].answer->sequence, 7U);
    EXPECT_EQ(wait(*books), 1s) << "unless a stream confirms it";
    shared->news[usdc].confirmed_at = now;
    EXPECT_EQ(wait(*books), 1s) << "the others";
}

TEST_F(OkxRestTest, EverySymbolHasItsTurn) {
    std::map<std::string, int> asked;
    for (; now < noon + 10s; now += 100ms) {
        if (books->next_poll(false) > now) continue;
        ++asked[books->make_request(now).target];
        books->on_response({200, {}, book("1", "2", 7)}, now);
    }
    EXPECT_EQ(asked.size(), 3U);
    for (const auto& [target, count] : asked) EXPECT_EQ(count, 10) << target;
}

TEST_F(OkxRestTest, ASymbolHasNoPriceBeforeItsStateIsKnown) {
    listed.reset();
    EXPECT_EQ(books->next_poll(true), TimePoint::max());
    EXPECT_LE(listing->next_poll(false), now);
    answer(*listing, data(instrument("BTC-USDT", "live") + "," + instrument("ETH-USDT", "suspend")));
    EXPECT_EQ(books->make_request(now).target, "/api/v5/market/books?instId=BTC-USDT&sz=1");
    EXPECT_EQ(wait(*books), 1s) << "no other symbol";
}

TEST_F(OkxRestTest, AnAnswerThatIsOlderThanTheStreamIsNoPrice) {
    shared->news[btc].least = 9'007'199'254'740'993;
    EXPECT_EQ(answer(*books, book("1", "2", 9'007'199'254'740'992)).refusals.at(0).reason,
              errc::out_of_order);
    EXPECT_FALSE(shared->news[btc].answer);
    EXPECT_EQ(answer(*books, book("1", "2", 7)).ticks.size(), 1U) << "another symbol";
    answer(*books, book("1", "2", 7));
    now += 1s;
    EXPECT_EQ(answer(*books, book("1", "2", 9'007'199'254'740'993)).ticks.at(0).symbol, btc);
}

TEST_F(OkxRestTest, AnAnswerWithRestartedNumbersConfirmsAnEqualPrice) {
    const auto session = make_stream_session(shared);
    session->on_frame(top("1", "2", 1000, now), now);
    const auto confirmed = [&](const std::string& bid, const std::string& ask, std::int64_t sequence) {
        for (const SymbolId other : {eth, usdc}) shared->news[other].confirmed_at = now + 1h;
        EXPECT_TRUE(answer(*books, book(bid, ask, sequence)).ticks.empty());
        return session->on_time(now + 300ms).ticks.size();
    };
    EXPECT_EQ(confirmed("1", "2", 3), 0U) << "too early to know";
    now += 2s;
    EXPECT_EQ(confirmed("1", "2", 999), 0U) << "a book before";
    now += 1s;
    EXPECT_EQ(confirmed("1", "3", 3), 0U) << "another book";
    now += 1s;
    EXPECT_EQ(confirmed("1", "2", 3), 1U);
    EXPECT_EQ(shared->news[btc].confirmed_at, now - 50ms);
}

TEST_F(OkxRestTest, AnAnswerTellsANewConnectionThatTheNumbersHaveRestarted) {
    make_stream_session(shared)->on_frame(top("1", "2", 1000, now), now);
    const auto session = make_stream_session(shared);
    EXPECT_EQ(session->on_frame(top("1", "2", 3, now), now).ticks.at(0).sequence, 3U);
    now += 2s;
    for (const SymbolId other : {eth, usdc}) shared->news[other].confirmed_at = now + 1h;
    answer(*books, book("1", "2", 3));
    EXPECT_EQ(session->on_time(now + 300ms).ticks.at(0).sequence, 1001U);
    EXPECT_EQ(session->on_frame(top("1", "3", 5, now), now).ticks.at(0).sequence, 1003U);
    now += 3s;
    EXPECT_EQ(answer(*books, book("1", "3", 5)).ticks.size(), 1U);
}

TEST_F(OkxRestTest, ABookThatIsNoPriceIsRefused) {
    const std::vector<std::pair<std::string, errc>> cases{
        {book("2", "1", 7), errc::crossed},
        {data(book_entry({}, {"1"}, numbers(7), now)), errc::not_positive},
        {data(book_entry({"1"}, {}, numbers(7), now)), errc::not_positive},
        {data(R"({"asks":[["",""]],"bids":[],"ts":"1","seqId":7})"), errc::malformed},
        {data(R"({"asks":[["2","1"]],"bids":[["1","1"]],"ts":"1"})"), errc::malformed},
        {data("7"), errc::malformed},
        {data("null"), errc::malformed}};
    for (const auto& [body, reason] : cases) {
        const auto outcome = answer(*books, body);
        EXPECT_TRUE(outcome.ticks.empty()) << body;
        ASSERT_EQ(outcome.refusals.size(), 1U) << body;
        EXPECT_EQ(outcome.refusals[0].reason, reason) << body;
    }
    for (const auto& [symbol, news] : shared->news) EXPECT_FALSE(news.answer);
}

TEST_F(OkxRestTest, AnUnknownSymbolIsLeftAloneForAWhile) {
    EXPECT_EQ(answer(*books, error("51001", "Instrument ID doesn't exist.")).refusals.at(0).what,
              "BTC-USDT unknown to the venue");
    std::map<std::string, int> asked;
    for (int i = 0; i < 20; ++i) {
        now = std::max(now, books->next_poll(false));
        ++asked[books->make_request(now).target];
    }
    EXPECT_FALSE(asked.contains("/api/v5/market/books?instId=BTC-USDT&sz=1"));
}

TEST_F(OkxRestTest, ErrorsWithStatus200AreErrors) {
    for (const auto& [code, least] : {std::pair{"50026", 500ms}, std::pair{"50001", 500ms},
                                      std::pair{"50013", 500ms}, std::pair{"50011", 15s + 0ms}}) {
        books = make_book_poll(shared);
        const auto outcome = answer(*books, error(code, "Text"));
        EXPECT_EQ(outcome.refusals.at(0).what, std::string(code) + " Text");
        EXPECT_GE(wait(*books), least) << code;
        EXPECT_LE(wait(*books), 16s) << code;
    }
}

TEST_F(OkxRestTest, RestsWhileTheVenueRefuses) {
    answer(*books, "", 429, {{"Retry-After", "120"}});
    EXPECT_EQ(wait(*books), 120200ms);
    answer(*books, error("50011", "Too Many Requests"), 429);
    EXPECT_GE(wait(*books), 15s);
    answer(*books, "<html>", 403);
    EXPECT_GE(wait(*books), 1min);
    answer(*books, "", 503);
    EXPECT_LE(wait(*books), 61s);
    books->on_failure(now);
    EXPECT_GT(wait(*books), 0s);
}

TEST_F(OkxRestTest, UnusableAnswersAreCounted) {
    for (const auto* body : {"", "garbage", "[]", "{}", "7", R"({"code":"0"})", R"({"code":"0","data":[]})",
                             R"({"code":"0","data":{}})", R"({"code":7,"data":null})"}) {
        for (auto* const poll : {books.get(), listing.get()}) {
            const auto outcome = answer(*poll, body);
            EXPECT_TRUE(outcome.ticks.empty() && outcome.listings.empty());
            EXPECT_EQ(outcome.refusals.size(), 1U) << body;
            EXPECT_GT(wait(*poll), 0s) << body;
        }
    }
}

TEST_F(OkxRestTest, ListsTheSymbolsEveryMinute) {
    EXPECT_EQ(listing->make_request(now).target, "/api/v5/public/instruments?instType=SPOT");
    const auto outcome = answer(*listing, data(instrument("BTC-USDT", "suspend") + "," +
                                               instrument("DOGE-USDT", "live") + "," + others));
    ASSERT_EQ(outcome.listings.size(), 3U);
    EXPECT_FALSE(outcome.listings[0].is_trading);
    EXPECT_EQ(outcome.listings[0].status, "suspend");
    EXPECT_TRUE(outcome.listings[1].is_trading);
    EXPECT_EQ(shared->trading->subscribable(), (std::vector{eth, usdc}));
    EXPECT_EQ(wait(*listing), 10200ms) << "the stream contradicts it";
    listed->set_pair(btc, "suspend");
    EXPECT_EQ(wait(*listing), 60200ms);
}

TEST_F(OkxRestTest, ANewStreamMayHaveMissedAChange) {
    answer(*listing, data(instrument("BTC-USDT", "live") + "," + others));
    EXPECT_EQ(wait(*listing), 60200ms);
    const auto ack =
        R"({"id":"instruments","event":"subscribe","arg":{"channel":"instruments","instType":"SPOT"}})";
    make_stream_session(shared)->on_frame(ack, now);
    EXPECT_EQ(wait(*listing), 1200ms);
    answer(*listing, "", 503);
    EXPECT_LT(wait(*listing), 3s) << "and still may have";
    answer(*listing, data(instrument("BTC-USDT", "live") + "," + others));
    EXPECT_EQ(wait(*listing), 60200ms);
}

TEST_F(OkxRestTest, ASymbolIsWithdrawnOnlyWhenItIsMissingTwice) {
    EXPECT_EQ(answer(*listing, data(others)).refusals.at(0).what, "BTC-USDT absent");
    const auto outcome = answer(*listing, data(others));
    ASSERT_EQ(outcome.listings.size(), 3U);
    EXPECT_EQ(outcome.listings[0].status, "absent");
}

TEST_F(OkxRestTest, APairOfOtherAssetsIsWithdrawn) {
    auto other = instrument("BTC-USDT", "live");
    other.replace(other.find(R"("baseCcy":"BTC")"), 15, R"("baseCcy":"ETH")");
    const auto outcome = answer(*listing, data(other + "," + others));
    EXPECT_FALSE(outcome.listings.at(0).is_trading);
    EXPECT_EQ(outcome.listings[0].status, "a price of ETH in USDT, not of BTC in USDT");
}

TEST_F(OkxRestTest, AnEntryThatDoesNotDescribeASymbolChangesNothing) {
    const auto outcome = answer(*listing, data(R"({"instId":"BTC-USDT","state":""},7,null,)" + others));
    EXPECT_EQ(outcome.listings.size(), 2U);
    EXPECT_EQ(outcome.refusals.at(0).what, "BTC-USDT not described");
    for (const std::string member : {R"("baseCcy":"BTC")", R"("quoteCcy":"USDT")"}) {
        auto entry = instrument("BTC-USDT", "live");
        entry.replace(entry.find(member), member.size(), R"("other":"")");
        const auto incomplete = answer(*listing, data(entry + "," + others));
        ASSERT_EQ(incomplete.refusals.size(), 1U) << member;
        EXPECT_EQ(incomplete.refusals[0].what, "BTC-USDT not described");
    }
}

}  // namespace
}  // namespace kurs::okx
