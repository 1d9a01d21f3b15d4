// Replays real captures through the sessions.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "support/captures.hpp"
#include "support/market.hpp"
#include "venues/binance/sessions.hpp"

namespace kurs::binance {
namespace {

using namespace kurs::testing;

struct Capture : CaptureTest, ::testing::WithParamInterface<const char*> {
    void SetUp() override {
        CaptureTest::SetUp();
        if (IsSkipped()) return;
        const auto lines = lines_of(std::string("binance/") + GetParam());
        ASSERT_FALSE(lines.empty());
        read_symbols(lines.front());  // the connection's URL
        for (const auto& line : lines) {
            if (const auto colon = line.find(": {"); colon != std::string::npos)
                sent.push_back({line.substr(colon + 2), time(line.substr(0, colon))});
        }
    }

    void read_symbols(const std::string& url) {
        map.venues = {"binance"};
        std::set<std::string> names;
        for (std::size_t at = url.find("streams=") + 8; at < url.size();) {
            const auto end = url.find('@', at);
            std::string name = url.substr(at, end - at);
            for (char& c : name) c = static_cast<char>(std::toupper(c));
            names.insert(name);
            const auto next = url.find('/', end);
            if (next == std::string::npos) break;
            at = next + 1;
        }
        for (const auto& name : names)
            map.symbols.push_back({testing::binance, name, "", "", {5s, 20, {}, {}}});
    }

    static TimePoint time(const std::string& seconds) {
        return TimePoint{Duration{static_cast<std::int64_t>(std::stod(seconds) * 1000)}};
    }

    struct Frame {
        std::string text;
        TimePoint received_at{};

        bool is(std::string_view kind) const { return text.find(kind) != std::string::npos; }
        std::string symbol() const { return text.substr(11, text.find('@') - 11); }
        std::string value(std::string_view key) const {
            const auto at = text.find(key) + key.size();
            return text.substr(at, text.find('"', at) - at);
        }
        std::pair<Rate, Rate> book() const { return {rate(value(R"("b":")")), rate(value(R"("a":")"))}; }
        TimePoint event_at() const {
            return TimePoint{Duration{std::stoll(text.substr(text.find(R"("E":)") + 4))}};
        }
    };

    MarketMap map;
    std::vector<Frame> sent;
};

TEST_P(Capture, EveryFrameIsATickOrOfAnUnusedKind) {
    const auto session = make_stream_session(map, map.symbols_of(testing::binance));
    std::map<std::string, std::size_t> counts;
    // The captures contain no miniTickers. Without one, the books before the first depth event have no date.
    for (const auto& symbol : map.symbols) {
        session->on_frame(R"({"e":"24hrMiniTicker","E":1,"c":"1","s":")" + symbol.name + R"("})",
                          sent.front().received_at);
    }
    std::map<std::string, std::pair<Rate, Rate>> books;  // bid and ask of each symbol
    std::map<SymbolId, Tick> last;
    for (const auto& frame : sent) {
        const auto outcome = session->on_frame(frame.text, frame.received_at);
        if (frame.is("@bookTicker")) {
            ASSERT_EQ(outcome.ticks.size(), 1U) << frame.text;
            books.insert_or_assign(frame.symbol(), frame.book());
            ++counts["book"];
        } else if (!frame.is("@depth")) {
            ASSERT_EQ(outcome.refusals.size(), 1U) << frame.text;
            EXPECT_EQ(outcome.refusals.front().reason, errc::unknown_event) << frame.text;
            ++counts[outcome.refusals.front().what];
        } else if (books.contains(frame.symbol())) {
            ASSERT_EQ(outcome.ticks.size(), 1U) << "every event agrees with its book: " << frame.text;
            EXPECT_GE(outcome.ticks[0].observed_at, std::min(frame.event_at(), frame.received_at));
            ++counts["confirmation"];
        } else {
            EXPECT_TRUE(outcome.ticks.empty() && outcome.refusals.empty()) << frame.text;
            ++counts["depth event without a book"];
        }
        for (const auto& tick : outcome.ticks) {
            last.insert_or_assign(tick.symbol, tick);
            EXPECT_LE(tick.observed_at, frame.received_at);
            EXPECT_EQ(std::pair(tick.bid, tick.ask), books.at(frame.symbol())) << frame.text;
        }
    }
    EXPECT_EQ(last.size(), books.size());
    std::size_t explained = 0;
    for (const auto& [what, count] : counts) {
        explained += count;
        std::cout << GetParam() << ": " << what << " " << count << "\n";
    }
    EXPECT_EQ(explained, sent.size());
    EXPECT_GT(counts["confirmation"], 0U);
    std::cout << GetParam() << ": " << sent.size() << " frames\n";
}

/// Hides the bookTickers after the first ten seconds from the session, and compares what depth events confirm
/// with the newest hidden book that the event includes.
TEST_P(Capture, ADeadBookTickerStreamIsConfirmedOnlyWhereItsBooksWouldAgree) {
    const auto session = make_stream_session(map, map.symbols_of(testing::binance));
    std::map<std::string, std::pair<Rate, Rate>> books;  // bid and ask of each symbol
    std::set<std::string> moved;
    std::size_t confirmations = 0, refuted = 0;
    for (const auto& frame : sent) {
        const auto symbol = frame.symbol();
        if (frame.is("@bookTicker")) {
            const auto book = frame.book();
            const bool is_hidden = frame.received_at >= sent.front().received_at + 10s;
            if (is_hidden && books.contains(symbol) && books.at(symbol) != book) moved.insert(symbol);
            books.insert_or_assign(symbol, book);
            if (is_hidden) continue;
        }
        const auto outcome = session->on_frame(frame.text, frame.received_at);
        if (!frame.is("@depth")) continue;
        refuted += outcome.ticks.empty() && moved.contains(symbol) ? 1U : 0U;
        for (const auto& tick : outcome.ticks) {
            ++confirmations;
            EXPECT_EQ(std::pair(tick.bid, tick.ask), books.at(symbol)) << frame.text;
        }
    }
    EXPECT_GT(confirmations, 0U);
    EXPECT_GT(refuted, 0U);
    std::cout << GetParam() << ": " << confirmations << " confirmed, " << refuted << " not\n";
}

INSTANTIATE_TEST_SUITE_P(Real, Capture,
                         ::testing::Values("cryptofeed_BINANCE.ws.1.0", "cryptofeed_BINANCE_US.ws.1.0",
                                           "cryptofeed_BINANCE_TR.ws.1.0"),
                         [](const auto& capture) {
                             std::string name;
                             for (const char c : std::string(capture.param)) {
                                 if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
                             }
                             return name;
                         });

struct BinanceCaptures : CaptureTest {
    BinanceCaptures() { map.venues = {"binance"}; }

    void listen_to(const std::vector<std::string>& names) {
        for (const auto& name : names)
            map.symbols.push_back({testing::binance, name, "", "", {5s, 20, {}, {}}});
    }

    void take(const std::string& name) {
        const auto session = make_stream_session(map, map.symbols_of(testing::binance));
        for (const auto& line : lines_of("binance/" + name)) {
            if (line.find(R"( request","frame")") != std::string::npos) continue;
            const auto outcome = session->on_frame(unescaped_member(line, "frame"), noon);
            count(outcome);
            ticks.insert(ticks.end(), outcome.ticks.begin(), outcome.ticks.end());
        }
        report(name);
    }

    MarketMap map;
    std::vector<Tick> ticks;
};

TEST_F(BinanceCaptures, FramesOf2026AreAccountedFor) {
    listen_to({"BTCUSDT"});
    take("spot_real_frames.jsonl");
    const std::map<std::string, int> expected{
        {"tick", 1},  // the books come first and are dated by the first miniTicker
        {"unknown_event aggTrade", 1},
        {"without news",
         4}};  // an acknowledgement, two books, and a miniTicker with trades the book has not followed
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(ticks.at(0).bid, rate("63704.00000000"));
    EXPECT_EQ(ticks.at(0).ask, rate("63704.01000000"));
}

TEST_F(BinanceCaptures, EveryDocumentedFrameIsAccountedFor) {
    listen_to({"BNBBTC", "BNBUSDT", "BTCUSDT"});
    take("ws_documented_frames.jsonl");
    const std::map<std::string, int> expected{
        {"farewell", 2},  // serverShutdown
        {"unknown_event 24hrTicker", 1},
        {"unknown_event aggTrade", 1},
        {"unknown_event avgPrice", 1},
        {"unknown_event blockTrade", 1},
        {"unknown_event kline", 1},
        {"unknown_event object", 1},  // partial depth
        {"unknown_event referencePrice", 2},
        {"unknown_event trade", 1},
        {"venue_error error response", 3},
        {"without news", 6}};  // acknowledgements, and one frame of each symbol and kind
    EXPECT_EQ(frames, expected);
}

/// Compares with a reading by expressions.
TEST_F(BinanceCaptures, TheRealListingIsReadAsItIs) {
    for (const auto* name :
         {"exchangeInfo_2021-10-12_subset.json", "binance_us_exchangeInfo_2021-10-12_subset.json"}) {
        const auto body = lines_of("binance/" + std::string(name)).at(0);
        const std::regex described(
            R"x("symbol":"(\w+)","status":"(\w+)","baseAsset":"(\w+)",.*?"quoteAsset":"(\w+)")x");
        map.symbols.clear();
        std::vector<std::string> statuses;
        for (std::sregex_iterator found(body.begin(), body.end(), described), none; found != none; ++found) {
            map.symbols.push_back(
                {testing::binance, (*found)[1], (*found)[3], (*found)[4], {5s, 20, {}, {}}});
            statuses.push_back((*found)[2]);
        }
        const auto session = make_exchange_info_session(map, map.symbols_of(testing::binance));
        session->make_request(noon);
        const auto outcome = session->on_response({200, {}, body}, noon);
        EXPECT_TRUE(outcome.refusals.empty());
        ASSERT_EQ(outcome.listings.size(), statuses.size());
        EXPECT_GE(statuses.size(), 6U);
        for (std::size_t i = 0; i < statuses.size(); ++i) {
            EXPECT_EQ(outcome.listings[i].status, statuses[i]) << map.symbols[i].name;
            EXPECT_EQ(outcome.listings[i].is_trading, statuses[i] == "TRADING") << map.symbols[i].name;
        }
    }
}

TEST_F(BinanceCaptures, AnswersOfTheRestApiAreAccountedFor) {
    listen_to({"BTCUSDT"});
    for (const auto& line : lines_of("binance/rest_samples.jsonl")) {
        const auto session = make_exchange_info_session(map, map.symbols_of(testing::binance));
        session->make_request(noon);
        const auto status = std::stoi(line.substr(line.find(R"("status":)") + 9));
        count(session->on_response({status, {}, unescaped_member(line, "body")}, noon));
    }
    report("rest_samples");
    const std::map<std::string, int> expected{{"venue_error BTCUSDT unknown to the venue", 1},
                                              {"venue_error exchangeInfo", 8},  // answers to other requests
                                              {"venue_error status 400", 1},
                                              {"venue_error status 403", 1},
                                              {"venue_error status 418", 1},
                                              {"venue_error status 429", 1},
                                              {"venue_error status 451", 1},
                                              {"venue_error status 504", 1}};
    EXPECT_EQ(frames, expected);
}

}  // namespace
}  // namespace kurs::binance
