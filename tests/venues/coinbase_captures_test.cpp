// Replays real captures through the sessions.
#include <map>
#include <regex>

#include "coinbase_fixture.hpp"
#include "support/captures.hpp"
#include "venues/coinbase/rest.hpp"

namespace kurs::coinbase {
namespace {

/// Prices as text, sorted as numbers of their text: by length of the whole part, then by digits.
struct Numerically {
    bool operator()(const std::string& a, const std::string& b) const {
        const auto whole = [](const std::string& text) { return std::min(text.find('.'), text.size()); };
        return whole(a) != whole(b) ? whole(a) < whole(b) : a < b;
    }
};

std::string without_zeros(std::string price) {
    if (price.find('.') == std::string::npos) return price;
    price.erase(price.find_last_not_of('0') + 1);
    if (price.ends_with('.')) price.pop_back();
    return price;
}

/// The prices of a book as text, read with an expression: independent of the session's parser.
struct ReadBook {
    std::map<std::string, std::string, Numerically> bids, asks;

    void take(const std::string& frame) {
        const bool is_snapshot = frame.find(R"("type":"snapshot")") != std::string::npos;
        if (is_snapshot) *this = {};
        const auto second = std::max(frame.find(R"("asks":)"), frame.find(R"("bids":)"));
        const std::regex level(R"x(\[(?:"(buy|sell)",)?"([0-9.]+)","([0-9.]+)"\])x");
        for (std::sregex_iterator found(frame.begin(), frame.end(), level), none; found != none; ++found) {
            const bool is_second = static_cast<std::size_t>(found->position()) > second;
            const bool is_asks_second = frame.compare(std::min(second, frame.size()), 7, R"("asks":)") == 0;
            const bool is_bid = is_snapshot ? is_second != is_asks_second : (*found)[1] == "buy";
            auto& side = is_bid ? bids : asks;
            const std::string price = without_zeros((*found)[2]), size = (*found)[3];
            side.erase(price);
            if (size.find_first_not_of("0.") != std::string::npos) side[price] = size;
        }
    }

    std::string top() const { return bids.rbegin()->first + " " + asks.begin()->first; }
};

struct CoinbaseCaptures : CaptureTest {
    MarketMap map = [] {
        auto books = dollar_books();
        for (const std::string base : {"BAND", "SKL", "NU"})
            books.symbols.push_back({VenueId{0}, base + "-GBP", base, "GBP", {5s, 20, {}, {}}});
        return books;
    }();
    std::shared_ptr<Shared> shared = std::make_shared<Shared>(map, map.symbols_of(VenueId{0}));
    TradingSource listed{shared->trading};
    std::unique_ptr<StreamSession> session = make_stream_session(shared);
    TimePoint now = parse_rfc3339("2026-10-08T00:00:00Z").value();
    std::map<std::string, ReadBook> read;

    CoinbaseCaptures() {
        for (const SymbolId symbol : shared->trading->symbols()) listed.set_pair(symbol, "online");
        session->on_open();
    }

    /// Takes a frame, and compares its tick with the independent reading.
    void take(const std::string& frame) {
        auto outcome = session->on_frame(frame, now);
        outcome.replies.clear();
        count(outcome);
        const bool is_book = frame.find(R"("type":"snapshot")") != std::string::npos ||
                             frame.find(R"("type":"l2update")") != std::string::npos;
        if (is_book) read[unescaped_member(frame, "product_id")].take(frame);
        for (const Tick& tick : outcome.ticks) {
            EXPECT_EQ(to_string(tick.bid) + " " + to_string(tick.ask),
                      read[map.symbol(tick.symbol).name].top())
                << frame;
            const auto time = parse_rfc3339(unescaped_member(frame, "time")).value();
            EXPECT_EQ(tick.observed_at, std::min(time, now)) << frame;
        }
    }

    /// Of one of the venue's two feeds.
    void replay(const std::string& name) {
        for (const auto& line : lines_of("coinbase/" + name)) {
            const bool is_of_exchange = line.find(R"("feed":"exchange")") != std::string::npos;
            if (is_of_exchange && line.find(R"("dir":"in")") != std::string::npos)
                take(unescaped_member(line, "frame"));
        }
        report(name);
    }
};

TEST_F(CoinbaseCaptures, EveryRealFrameIsAccountedFor) {
    replay("ws_real_frames.jsonl");
    const std::map<std::string, int> expected{
        {"tick", 1},
        {"unknown_event last_match", 1},
        {"unknown_event match", 1},
        {"venue_error Failed to subscribe: level2, level3, and full channels now require authenticatio", 1},
        {"without news", 2}};  // the subscriptions and the snapshot
    EXPECT_EQ(frames, expected);
}

TEST_F(CoinbaseCaptures, EveryDocumentedFrameIsAccountedFor) {
    replay("ws_documented_frames.jsonl");
    const std::map<std::string, int> expected{
        {"unknown_event status", 1},
        {"unknown_event ticker", 1},
        {"venue_error Failed to subscribe: No channels provided", 1},
        {"without news", 2}};  // a heartbeat, and an update without its snapshot
    EXPECT_EQ(frames, expected);
}

TEST_F(CoinbaseCaptures, EveryBookOfHalfAMinuteEqualsAnIndependentReading) {
    int incoming = 0;
    for (const auto& line : lines_of("coinbase/cryptofeed_COINBASE.ws.28.0.cut")) {
        const auto space = line.find(": {");
        if (line.starts_with("wss") || space == std::string::npos) continue;
        ++incoming;
        now = TimePoint{Duration{static_cast<std::int64_t>(std::stod(line.substr(0, space)) * 1000) + 1}};
        take(line.substr(space + 2));
    }
    report("cryptofeed_COINBASE");
    const std::map<std::string, int> expected{{"tick", 836},
                                              {"unknown_event last_match", 10},
                                              {"unknown_event match", 97},
                                              {"unknown_event ticker", 107},
                                              {"without news", 6}};  // three subscriptions, three snapshots
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(incoming, 1056);
    EXPECT_EQ(read.size(), 3U);
}

TEST_F(CoinbaseCaptures, AnswersOfTheRestApiAreAccountedFor) {
    std::map<std::string, std::string> became;
    for (const auto& line : lines_of("coinbase/rest_documented.jsonl")) {
        const auto poll = make_book_poll(shared);
        poll->make_request(now);
        const auto status = std::stoi(line.substr(line.find(R"("status":)") + 9));
        const auto outcome = poll->on_response({status, {}, unescaped_member(line, "body")}, now);
        became[unescaped_member(line, "name")] = shown(outcome).substr(0, 17) + refusals(outcome);
    }
    const std::map<std::string, std::string> expected{
        {"GET /products/BTC-USD/ticker", "malformed BTC-USD"},
        {"GET /products/NOPE-USD", "venue_error BTC-USD unknown to the venue"},
        {"GET /time", "malformed BTC-USD"},
        {"GET api.coinbase.com/api/v3/brokerage/market/product_book?product_id=BTC-USD&limit=1",
         "malformed BTC-USD"},
        {"GET api.coinbase.com/api/v3/brokerage/time", "malformed BTC-USD"},
        {"GET api.exchange.coinbase.com/products/BTC-USD/book?level=1", "80688.08 80691.53"},
        {"rate limit", "venue_error status 429 Public rate limit exceeded"}};
    EXPECT_EQ(became, expected);
}

TEST_F(CoinbaseCaptures, TheListOfProductsIsRead) {
    std::string text;
    for (const auto& line : lines_of("coinbase/products_2021-04-17_subset.json")) text += line;
    std::map<std::string, std::string> states;
    const std::regex product(R"x(\{[^{}]*"id": "([A-Z-]+)"[^{}]*\})x"), codes(R"x(([A-Z]+)-([A-Z]+))x");
    for (std::sregex_iterator found(text.begin(), text.end(), product), none; found != none; ++found) {
        const std::string name = (*found)[1];
        MarketMap one = dollar_books();
        one.symbols = {{VenueId{0},
                        name,
                        std::regex_replace(name, codes, "$1"),
                        std::regex_replace(name, codes, "$2"),
                        {}}};
        const auto poll = make_listing_poll(std::make_shared<Shared>(one, one.symbols_of(VenueId{0})));
        poll->make_request(now);
        const auto outcome = poll->on_response({200, {}, found->str()}, now);
        ASSERT_EQ(outcome.listings.size(), 1U) << name;
        EXPECT_TRUE(outcome.listings[0].is_trading) << name;
        ++frames[outcome.listings[0].status];
    }
    EXPECT_EQ(frames, (std::map<std::string, int>{{"limit_only", 6}, {"online", 6}}));
}

}  // namespace
}  // namespace kurs::coinbase
