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
                frames.push_back(line.substr(colon + 2));
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

    MarketMap map;
    std::vector<std::string> frames;
};

TEST_P(Capture, EveryFrameIsATickOrOfAnUnusedKind) {
    const auto session = make_stream_session(map, map.symbols_of(testing::binance));
    std::map<std::string, std::size_t> refusals;
    // The captures contain no miniTickers, without which books have no date.
    for (const auto& symbol : map.symbols) {
        session->on_frame(R"({"e":"24hrMiniTicker","E":1,"c":"1","s":")" + symbol.name + R"("})", noon);
    }
    std::size_t ticks = 0, expected_ticks = 0;
    for (const auto& frame : frames) {
        expected_ticks += frame.find("@bookTicker\"") != std::string::npos ? 1 : 0;
        const auto outcome = session->on_frame(frame, noon);
        ticks += outcome.ticks.size();
        for (const auto& refusal : outcome.refusals) {
            ++refusals[std::string(to_string(refusal.reason)) + " " + refusal.what];
            EXPECT_EQ(refusal.reason, errc::unknown_event) << frame;
        }
    }
    EXPECT_GT(ticks, 0U);
    EXPECT_EQ(ticks, expected_ticks);
    std::size_t explained = ticks;
    for (const auto& [reason, count] : refusals) {
        explained += count;
        std::cout << GetParam() << ": " << reason << " " << count << "\n";
    }
    EXPECT_EQ(explained, frames.size());
    std::cout << GetParam() << ": " << frames.size() << " frames, " << ticks << " ticks\n";
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
