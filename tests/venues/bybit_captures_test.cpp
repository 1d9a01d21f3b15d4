// Replays real and documented frames and responses through the sessions.
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "bybit_fixture.hpp"
#include "support/captures.hpp"
#include "venues/bybit/rest.hpp"
#include "venues/bybit/stream.hpp"

namespace kurs::bybit {
namespace {

/// A number of a frame, read with an expression: independent of the session's parser.
std::int64_t read_number(const std::string& text, const std::string& key) {
    std::smatch found;
    return std::regex_search(text, found, std::regex('"' + key + R"x(":(\d+))x")) ? std::stoll(found[1]) : 0;
}

/// The price of the first level of a side.
std::string read_price(const std::string& text, const std::string& side) {
    std::smatch found;
    const std::regex level('"' + side + R"x(":\[\["([0-9.]+)")x");
    return std::regex_search(text, found, level) ? found[1].str() : "none";
}

struct BybitCaptures : CaptureTest {
    MarketMap map = tether_books();
    std::shared_ptr<Tops> tops = std::make_shared<Tops>();
    std::unique_ptr<StreamSession> session = make_stream_session(map, {btc, eth, usdc}, tops);
    TimePoint now{Duration{1'786'700'000'000}};

    /// Replays the frames that came in. Returns those that made a tick, with the tick.
    std::vector<std::pair<std::string, Tick>> replay(const std::string& name) {
        std::vector<std::pair<std::string, Tick>> ticks;
        session->on_open();
        for (const auto& line : lines_of("bybit/" + name)) {
            if (line.find(R"("dir":"in")") == std::string::npos) continue;
            const auto text = unescaped_member(line, "frame");
            auto outcome = session->on_frame(text, now);
            outcome.replies.clear();  // the ping
            count(outcome);
            for (const Tick& tick : outcome.ticks) ticks.emplace_back(text, tick);
        }
        report(name);
        return ticks;
    }

    static void expect_independent_reading(const std::string& text, const Tick& tick,
                                           const std::string& time) {
        EXPECT_EQ(to_string(tick.bid), read_price(text, "b")) << text;
        EXPECT_EQ(to_string(tick.ask), read_price(text, "a")) << text;
        EXPECT_EQ(tick.observed_at, TimePoint{Duration{read_number(text, time)}}) << text;
    }
};

TEST_F(BybitCaptures, EveryRealFrameIsAccountedFor) {
    const auto ticks = replay("ws_real_frames.jsonl");
    const std::map<std::string, int> expected{{"tick", 2},
                                              {"unknown_event tickers.BTCUSDT", 2},
                                              {"venue_error error:handler not found,topic:orderbook.", 1},
                                              {"without news", 1}};  // an acknowledgement
    EXPECT_EQ(frames, expected);
    ASSERT_EQ(ticks.size(), 2U);
    for (const auto& [text, tick] : ticks) expect_independent_reading(text, tick, "cts");
    EXPECT_EQ(ticks[0].second.sequence, 112603120278U);
    EXPECT_EQ(ticks[1].second.sequence, 112603120278U) << "only the quantity has changed";
}

/// The repeat continues the real frames.
TEST_F(BybitCaptures, EveryDocumentedFrameIsAccountedFor) {
    replay("ws_real_frames.jsonl");
    frames.clear();
    const auto ticks = replay("ws_documented_frames.jsonl");
    const std::map<std::string, int> expected{
        {"tick", 2},
        {"unknown_event system.status", 1},
        {"without news", 5}};  // an acknowledgement, two pongs, depth of another time
    EXPECT_EQ(frames, expected);
    ASSERT_EQ(ticks.size(), 2U);
    expect_independent_reading(ticks[0].first, ticks[0].second, "ts");
    expect_independent_reading(ticks[1].first, ticks[1].second, "cts");
    EXPECT_EQ(read_number(ticks[1].first, "u"), 1) << "the restart";
}

TEST_F(BybitCaptures, EveryResponseIsAccountedFor) {
    std::map<std::string, std::string> became;
    for (const auto& line : lines_of("bybit/rest_documented.jsonl")) {
        const auto name = unescaped_member(line, "name"), body = unescaped_member(line, "body");
        const bool is_listing = name.find("instruments-info") != std::string::npos;
        const auto poll =
            is_listing ? make_listing_poll(map, {btc, eth, usdc}) : make_book_poll(map, {btc}, tops);
        poll->make_request(now);
        const auto outcome =
            poll->on_response({static_cast<int>(read_number(line, "status")), {}, body}, now);
        became[name] = std::to_string(outcome.ticks.size()) + " ticks, " +
                       std::to_string(outcome.listings.size()) + " listings, " +
                       std::to_string(outcome.refusals.size()) + " refusals";
        for (const Tick& tick : outcome.ticks) expect_independent_reading(body, tick, "ts");
        const auto wait = poll->next_poll(true) - now;
        if (wait >= 15s) became[name] += wait >= 10min ? ", ten minutes" : is_listing ? "" : ", 15 s";
    }
    const std::map<std::string, std::string> expected{
        {"GET /v5/market/time", "0 ticks, 0 listings, 1 refusals"},
        {"GET /v5/market/orderbook?category=spot&symbol=BTCUSDT&limit=1", "1 ticks, 0 listings, 0 refusals"},
        {"GET /v5/market/tickers?category=spot&symbol=BTCUSDT", "0 ticks, 0 listings, 1 refusals"},
        {"GET /v5/market/instruments-info?category=spot&symbol=BTCUSDT", "0 ticks, 1 listings, 2 refusals"},
        {"unknown symbol", "0 ticks, 0 listings, 1 refusals"},
        {"too many visits", "0 ticks, 0 listings, 1 refusals, 15 s"},
        {"IP rate limit", "0 ticks, 0 listings, 0 refusals, ten minutes"},
        {"geo block", "0 ticks, 0 listings, 0 refusals, ten minutes"}};
    EXPECT_EQ(became, expected);
}

}  // namespace
}  // namespace kurs::bybit
