// Replays real and documented frames and answers through the sessions.
#include <algorithm>
#include <regex>

#include "support/captures.hpp"
#include "support/market.hpp"
#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {
namespace {

using namespace kurs::testing;

constexpr SymbolId bitcoin_usd{0}, ethereum_usd{1}, tether_rub{2};

struct CoinGeckoCaptures : CaptureTest {
    CoinGeckoCaptures() {
        map.venues = {"coingecko"};
        for (const auto* name : {"bitcoin/usd", "ethereum/usd", "tether/rub"})
            map.symbols.push_back({VenueId{0}, name, "", "", {60s, 20, {}, {}}});
    }

    /// A member that is a number or null, read with an expression: independent of the session's parser.
    static std::string number(const std::string& text, const std::string& key) {
        std::smatch found;
        const std::regex member('"' + key + R"x(": ?(-?[0-9.]+))x");
        return std::regex_search(text, found, member) ? found.str(1) : "";
    }

    /// Truncated to milliseconds.
    static TimePoint time(const std::string& seconds) {
        return TimePoint{Duration{static_cast<std::int64_t>(std::stod(seconds) * 1000)}};
    }

    /// Takes the venue's part of the dialogue of channel C1.
    void take_dialogue(std::vector<SymbolId> symbols) {
        const auto session = make_stream_session(map, std::move(symbols), "key");
        for (const auto& line : lines_of("coingecko/ws_c1_dialogue.jsonl")) {
            if (line.find(R"("dir":"server")") == std::string::npos) continue;
            ++incoming;
            const auto frame = unescaped_member(line, "frame");
            const auto outcome = session->on_frame(frame, noon);
            count(outcome);
            for (const Tick& tick : outcome.ticks) {
                last.insert_or_assign(tick.symbol, tick);
                EXPECT_EQ(tick.bid, rate(number(frame, "p"))) << frame;
                EXPECT_EQ(tick.ask, tick.bid) << frame;
                EXPECT_EQ(tick.observed_at, time(number(frame, "t"))) << frame;
            }
        }
        report("ws_c1_dialogue");
    }

    MarketMap map;
    int incoming = 0;
    std::map<SymbolId, Tick> last;
};

TEST_F(CoinGeckoCaptures, EveryFrameIsAccountedFor) {
    take_dialogue({bitcoin_usd, ethereum_usd});
    const std::map<std::string, int> expected{
        {"farewell", 2},  // a rejected subscription and a disconnect
        {"reply", 2},
        {"tick", 3},
        {"unknown_symbol tether/rub", 1},
        {"without news", 7}};  // a greeting, a ping and acknowledgements
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(incoming, 15);
    ASSERT_EQ(last.size(), 2U);
    EXPECT_EQ(to_string(last.at(bitcoin_usd).bid), "69982.9");
    EXPECT_EQ(to_string(last.at(ethereum_usd).bid), "2591.080889351465");
}

TEST_F(CoinGeckoCaptures, FramesOfBefore2026NameNoCurrencyAndAreRefusedWhereTwoAreRequested) {
    take_dialogue({bitcoin_usd, ethereum_usd, tether_rub});
    const std::map<std::string, int> expected{{"farewell", 2},
                                              {"malformed bitcoin", 1},
                                              {"malformed ethereum", 1},
                                              {"malformed tether/rub", 1},  // null
                                              {"reply", 2},
                                              {"tick", 1},
                                              {"without news", 7}};
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(incoming, 15);
    EXPECT_EQ(to_string(last.at(bitcoin_usd).bid), "61696.67928656691");
}

TEST_F(CoinGeckoCaptures, ThePricesOfTheRestApiEqualAnIndependentReading) {
    for (const auto* plan : {"demo", "pro"}) {
        std::string all;
        for (const auto& line : lines_of("coingecko/rest_examples_" + std::string(plan) + "-api.json"))
            all += line;
        const auto begin = all.find('{', all.find(R"("/simple/price")"));
        const auto body = all.substr(begin, all.find('}', all.find('}', begin) + 1) + 1 - begin);
        Spending spending;
        const auto poll = make_poll_session(map, {bitcoin_usd}, *find_plan(plan), "key", spending);
        poll->make_request(noon);
        const auto outcome = poll->on_response({200, {{"content-type", "application/json"}}, body}, noon);
        ASSERT_EQ(outcome.ticks.size(), 1U) << body;
        EXPECT_TRUE(outcome.refusals.empty());
        EXPECT_EQ(outcome.ticks[0].bid, rate(number(body, "usd")));
        EXPECT_EQ(outcome.ticks[0].observed_at, time(number(body, "last_updated_at")));
    }
}

TEST_F(CoinGeckoCaptures, ErrorsOfTheRestApiAreAccountedForAndSlowItDown) {
    const auto symbols = map.symbols_of(VenueId{0});
    for (const auto& line : lines_of("coingecko/rest_errors.jsonl")) {
        Headers headers;
        if (const auto wait = unescaped_member(line, "retry-after"); !wait.empty())
            headers.emplace_back("retry-after", wait);
        const int status = std::stoi(number(line, "status"));
        headers.emplace_back("content-type", status == 200 ? "application/json" : "text/html");
        Spending spending;
        const auto poll = make_poll_session(map, symbols, *find_plan("demo"), "key", spending);
        poll->make_request(noon);
        count(poll->on_response({status, headers, unescaped_member(line, "body")}, noon));
        const bool is_asked_to_wait = headers.size() > 1;
        const Duration least = is_asked_to_wait ? 119s : status == 429 ? 30s : status == 200 ? 1s : 5min;
        EXPECT_GE(poll->next_poll(true), noon + least) << line;
    }
    report("rest_errors");
    const std::map<std::string, int> expected{
        {"malformed bitcoin/usd missing", 3}, {"malformed ethereum/usd missing", 3},
        {"malformed tether/rub", 1},  // null
        {"malformed tether/rub missing", 2},  {"venue_error status 401", 4},
        {"venue_error status 403", 1},        {"venue_error status 404", 1},
        {"venue_error status 429", 4}};
    EXPECT_EQ(frames, expected);
}

}  // namespace
}  // namespace kurs::coingecko
