// Replays real captures through the sessions.
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "kraken_fixture.hpp"
#include "support/captures.hpp"
#include "venues/kraken/rest.hpp"
#include "venues/kraken/stream.hpp"

namespace kurs::kraken {
namespace {

/// The levels of one side, read with an expression: independent of the session's parser. Prices are compared
/// as text, which is right for numbers of the same form.
using ReadSide = std::map<std::string, std::string>;

void read_side(const std::string& frame, const std::string& side, ReadSide& levels) {
    const auto begin = frame.find('"' + side + "\":[");
    const auto end = frame.find(']', begin);
    const std::string text = frame.substr(begin, end - begin);
    const std::regex level(R"x(\{"price":([0-9.]+),"qty":([0-9.]+)\})x");
    for (std::sregex_iterator found(text.begin(), text.end(), level), none; found != none; ++found) {
        const std::string price = (*found)[1], quantity = (*found)[2];
        if (checksum_digits(quantity).empty()) {
            levels.erase(price);
        } else {
            levels[price] = quantity;
        }
    }
}

struct ReadBook {
    ReadSide bids, asks;

    void take(const std::string& frame) {
        if (frame.find(R"("type":"snapshot")") != std::string::npos) *this = {};
        read_side(frame, "bids", bids);
        read_side(frame, "asks", asks);
        while (bids.size() > 10) bids.erase(bids.begin());
        while (asks.size() > 10) asks.erase(std::prev(asks.end()));
    }
};

struct KrakenCaptures : CaptureTest {
    KrakenCaptures() { listed.source.set_pair(SymbolId{4}, "online"); }

    static std::vector<std::string> fixture_lines(const std::string& name) {
        return lines_of("kraken/" + name);
    }

    MarketMap map = [] {
        auto books = dollar_books();
        books.symbols.push_back({VenueId{0}, "ALGO/USD", "ALGO", "USD", {10s, 20, {}, {}}});
        return books;
    }();
    std::shared_ptr<TradingState> state = make_trading_state(map, map.symbols_of(VenueId{0}));
    AllOnline listed{state};
    std::unique_ptr<StreamSession> session = make_stream_session(state);
    TimePoint now = parse_rfc3339("2026-10-06T08:05:00Z").value();

    Outcome take(const std::string& frame) {
        auto outcome = session->on_frame(frame, now);
        count(outcome);
        return outcome;
    }
};

TEST_F(KrakenCaptures, EveryFrameIsAccountedForAndTheBooksEqualAnIndependentReading) {
    std::map<std::string, ReadBook> read;
    std::map<SymbolId, Tick> last;
    int incoming = 0;
    for (const auto& line : fixture_lines("ws_v2_real_frames.jsonl")) {
        if (line.find(R"("dir":"in")") == std::string::npos) continue;
        ++incoming;
        const auto frame = unescaped_member(line, "frame");
        const auto outcome = take(frame);
        if (frame.find(R"("channel":"book")") == std::string::npos) continue;
        const auto symbol = unescaped_member(frame, "symbol");
        auto& book = read[symbol];
        book.take(frame);
        for (const Tick& tick : outcome.ticks) {
            last.insert_or_assign(tick.symbol, tick);
            EXPECT_EQ(map.symbol(tick.symbol).name, symbol);
            EXPECT_EQ(tick.bid, rate(book.bids.rbegin()->first)) << frame;
            EXPECT_EQ(tick.ask, rate(book.asks.begin()->first)) << frame;
            EXPECT_EQ(tick.observed_at, parse_rfc3339(unescaped_member(frame, "timestamp")).value());
        }
    }
    report("ws_v2_real_frames");
    const std::map<std::string, int> expected{
        {"listing", 1},
        {"malformed ALGO/USD", 1},  // a snapshot without time or request
        {"tick", 10},
        {"unknown_event ticker", 2},
        {"without news", 2}};  // an acknowledgement and a heartbeat
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(incoming, 16);
    ASSERT_EQ(last.size(), 2U);
    EXPECT_EQ(to_string(last.at(btc).bid) + " " + to_string(last.at(btc).ask), "85600.4 85600.5");
    EXPECT_EQ(to_string(last.at(SymbolId{4}).bid) + " " + to_string(last.at(SymbolId{4}).ask),
              "0.12291 0.12307");
}

TEST_F(KrakenCaptures, EveryDocumentedFrameIsAccountedFor) {
    for (const auto& line : fixture_lines("ws_v2_documented_frames.jsonl")) {
        if (line.find(R"("dir":"in")") == std::string::npos) continue;
        const auto outcome = take(unescaped_member(line, "frame"));
        if (line.find("cancel_only") == std::string::npos) continue;
        EXPECT_FALSE(outcome.listings.at(0).is_trading);
        EXPECT_TRUE(outcome.farewell);
    }
    report("ws_v2_documented_frames");
    const std::map<std::string, int> expected{
        {"listing", 5},  // three statuses of the venue, two of a pair
        {"tick", 1},     // the example of the checksum
        {"unknown_event ticker", 1},
        {"venue_error ALGO/USD absent", 1},  // the list of pairs is shortened
        {"venue_error ETH/USD absent", 1},
        {"venue_error Exceeded msg rate", 1},
        {"venue_error USDC/USD absent", 1},
        {"venue_error USDT/USD absent", 1},
        {"venue_error subscribe: Currency pair not supported XBT/USD", 1},
        {"without news", 3}};
    EXPECT_EQ(frames, expected);
}

/// The protocol of 2021 is another one: all of it is refused, and nothing breaks.
TEST_F(KrakenCaptures, FramesOfVersionOneAreRefused) {
    int incoming = 0;
    for (const auto* name : {"cryptofeed_KRAKEN_v1_ticker.ws.49.0", "cryptofeed_KRAKEN_v1_trade.ws.48.0",
                             "cryptofeed_KRAKEN_v1_book1000.ws.50.0.cut"}) {
        for (const auto& line : fixture_lines(name)) {
            const auto colon = line.find(": ");
            if (colon == std::string::npos || line.find("<-") != std::string::npos) continue;
            ++incoming;
            EXPECT_TRUE(take(line.substr(colon + 2)).ticks.empty());
        }
    }
    report("version 1");
    int refused = 0;
    for (const auto& [what, count] : frames) refused += what == "without news" ? 0 : count;
    EXPECT_GT(incoming, 500);
    EXPECT_EQ(refused, incoming);
}

TEST_F(KrakenCaptures, AnswersOfTheRestApiAreAccountedFor) {
    std::map<std::string, std::string> became;
    for (const auto& line : fixture_lines("rest_samples.jsonl")) {
        const auto name = unescaped_member(line, "name");
        const bool is_status = name.find("SystemStatus") != std::string::npos;
        const auto poll = is_status ? make_listing_poll(state) : make_ticker_poll(state);
        poll->make_request(now);
        const auto outcome = poll->on_response({200, {}, unescaped_member(line, "body")}, now);
        became[name] = std::to_string(outcome.ticks.size()) + " ticks, " +
                       std::to_string(outcome.listings.size()) + " listings, " +
                       std::to_string(outcome.refusals.size()) + " refusals";
        for (const Tick& tick : outcome.ticks)
            became[name] += " " + to_string(tick.bid) + " " + to_string(tick.ask);
    }
    const std::map<std::string, std::string> expected{
        {"GET /0/public/Ticker?pair=USDTUSD (real, 2026-10)",
         "1 ticks, 0 listings, 4 refusals 0.99966 0.99967"},
        {"GET /0/public/Depth?pair=XBTUSD&count=1", "0 ticks, 0 listings, 5 refusals"},
        {"GET /0/public/Time", "0 ticks, 0 listings, 5 refusals"},
        {"GET /0/public/SystemStatus", "0 ticks, 5 listings, 0 refusals"},
        {"unknown pair: HTTP 200", "0 ticks, 0 listings, 0 refusals"},
        {"unavailable", "0 ticks, 0 listings, 1 refusals"},
        {"rate limit", "0 ticks, 0 listings, 1 refusals"},
        {"bad arguments", "0 ticks, 0 listings, 1 refusals"}};
    EXPECT_EQ(became, expected);
}

/// The listing of 2021 says nothing about the status of a pair; its names are those of today.
TEST_F(KrakenCaptures, EveryBookIsFoundInTheRealListing) {
    std::string body;
    for (const auto& line : fixture_lines("AssetPairs_2021-04-17_subset.json")) body += line;
    const auto poll = make_listing_poll(state);
    poll->make_request(now);
    poll->on_response({200, {}, R"({"error":[],"result":{"status":"online"}})"}, now);
    poll->make_request(now);
    const auto undescribed = poll->on_response({200, {}, body}, now);
    std::vector<std::string> refusals;
    for (const auto& refusal : undescribed.refusals) refusals.push_back(refusal.what);
    EXPECT_EQ(refusals, (std::vector<std::string>{"BTC/USD not described", "ETH/USD not described",
                                                  "USDT/USD not described", "USDC/USD not described",
                                                  "ALGO/USD absent"}));
    body = std::regex_replace(body, std::regex(R"("altname")"), R"("status":"online","altname")");
    poll->make_request(now);
    poll->on_response({200, {}, R"({"error":[],"result":{"status":"online"}})"}, now);
    poll->make_request(now);
    const auto listed = poll->on_response({200, {}, body}, now);
    ASSERT_EQ(listed.listings.size(), 5U);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_TRUE(listed.listings[i].is_trading) << i << listed.listings[i].status;
    EXPECT_EQ(listed.listings[4].status, "absent");
}

}  // namespace
}  // namespace kurs::kraken
