// Replays real captures through the session. KURS_FIXTURES names their folder. They are not part of the
// project; without them these tests are skipped.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "support/market.hpp"
#include "venues/binance/sessions.hpp"

namespace kurs::binance {
namespace {

using namespace kurs::testing;

struct Capture : ::testing::TestWithParam<const char*> {
    void SetUp() override {
        const char* const folder = std::getenv("KURS_FIXTURES");
        if (folder == nullptr) GTEST_SKIP() << "KURS_FIXTURES is not set: the real captures are not tested";
        std::ifstream file(std::string(folder) + "/binance/" + GetParam());
        ASSERT_TRUE(file) << GetParam();
        std::string line;
        std::getline(file, line);  // the connection's URL
        read_symbols(line);
        while (std::getline(file, line)) {
            if (const auto colon = line.find(": {"); colon != std::string::npos)
                frames.push_back({line.substr(colon + 2), time(line.substr(0, colon))});
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
        TimePoint event_at() const {
            return TimePoint{Duration{std::stoll(text.substr(text.find(R"("E":)") + 4))}};
        }
    };

    MarketMap map;
    std::vector<Frame> frames;
};

TEST_P(Capture, EveryFrameIsATickOrOfAnUnusedKind) {
    const auto session = make_stream_session(map, map.symbols_of(testing::binance));
    std::map<std::string, std::size_t> counts;
    // The captures contain no miniTickers. Without one, the books before the first depth event have no date.
    for (const auto& symbol : map.symbols) {
        session->on_frame(R"({"e":"24hrMiniTicker","E":1,"c":"1","s":")" + symbol.name + R"("})",
                          frames.front().received_at);
    }
    std::set<std::string> with_book;
    for (const auto& frame : frames) {
        const auto outcome = session->on_frame(frame.text, frame.received_at);
        if (frame.is("@bookTicker")) {
            with_book.insert(frame.symbol());
            EXPECT_EQ(outcome.ticks.size(), 1U) << frame.text;
            ++counts["book"];
        } else if (!frame.is("@depth")) {
            ASSERT_EQ(outcome.refusals.size(), 1U) << frame.text;
            EXPECT_EQ(outcome.refusals.front().reason, errc::unknown_event) << frame.text;
            ++counts[outcome.refusals.front().what];
        } else if (with_book.contains(frame.symbol())) {
            ASSERT_EQ(outcome.ticks.size(), 1U) << "every event agrees with its book: " << frame.text;
            EXPECT_GE(outcome.ticks[0].observed_at, std::min(frame.event_at(), frame.received_at));
            ++counts["confirmation"];
        } else {
            EXPECT_TRUE(outcome.ticks.empty() && outcome.refusals.empty()) << frame.text;
            ++counts["depth event without a book"];
        }
        for (const auto& tick : outcome.ticks) EXPECT_LE(tick.observed_at, frame.received_at);
    }
    std::size_t explained = 0;
    for (const auto& [what, count] : counts) {
        explained += count;
        std::cout << GetParam() << ": " << what << " " << count << "\n";
    }
    EXPECT_EQ(explained, frames.size());
    EXPECT_GT(counts["confirmation"], 0U);
    std::cout << GetParam() << ": " << frames.size() << " frames\n";
}

/// Hides the bookTickers after the first ten seconds from the session, and compares what depth events confirm
/// with the newest hidden book that the event includes.
TEST_P(Capture, ADeadBookTickerStreamIsConfirmedOnlyWhereItsBooksWouldAgree) {
    const auto session = make_stream_session(map, map.symbols_of(testing::binance));
    std::map<std::string, std::pair<std::string, std::string>> books;  // bid and ask of each symbol
    std::set<std::string> moved;
    std::size_t confirmations = 0, refuted = 0;
    for (const auto& frame : frames) {
        const auto symbol = frame.symbol();
        if (frame.is("@bookTicker")) {
            const std::pair book{frame.value(R"("b":")"), frame.value(R"("a":")")};
            const bool is_hidden = frame.received_at >= frames.front().received_at + 10s;
            if (is_hidden && books.contains(symbol) && books.at(symbol) != book) moved.insert(symbol);
            books.insert_or_assign(symbol, book);
            if (is_hidden) continue;
        }
        const auto outcome = session->on_frame(frame.text, frame.received_at);
        if (!frame.is("@depth")) continue;
        refuted += outcome.ticks.empty() && moved.contains(symbol) ? 1U : 0U;
        for (const auto& tick : outcome.ticks) {
            ++confirmations;
            EXPECT_EQ(std::pair(tick.bid, tick.ask),
                      std::pair(rate(books.at(symbol).first), rate(books.at(symbol).second)))
                << frame.text;
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

}  // namespace
}  // namespace kurs::binance
