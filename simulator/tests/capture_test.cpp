#include "capture.hpp"

#include <gtest/gtest.h>

#include "at.hpp"
#include "rejected.hpp"
#include "replay.hpp"

using namespace sim;

namespace {

const std::string url = "wss://stream.binance.com:9443/stream?streams=nknusdt@bookTicker <-> 1633998511.1\n";
const std::string book_1 = R"({"u":5,"s":"NKNUSDT","b":"0.35130000","B":"1.00","a":"0.35200000","A":"2.00"})";
const std::string book_2 = R"({"u":9,"s":"NKNUSDT","b":"0.35140000","B":"1.00","a":"0.35200000","A":"2.00"})";

std::string line(const char* epoch, const std::string& payload) {
    return std::string{epoch} + R"(: {"stream":"nknusdt@bookTicker","data":)" + payload + "}\n";
}

std::string two_frames() {
    return url + line("100.5", book_1) + line("100.75", book_2);
}

std::string rule_broken_by(const std::string& text) {
    try {
        parse_capture(text);
    } catch (const Rejected& rule) {
        return rule.what();
    }
    return "none";
}

}  // namespace

TEST(Capture, KeepsPayloadsByteForByteWithTheirPace) {
    const auto capture = parse_capture(two_frames());
    ASSERT_EQ(capture.frames.size(), 2U);
    EXPECT_EQ(capture.frames[0].payload, book_1);
    EXPECT_EQ(capture.frames[1].offset, Millis{250});
    EXPECT_EQ(capture.frames[1].symbol, "NKNUSDT");
    EXPECT_EQ(capture.frames[1].kind, "bookTicker");
}

TEST(Capture, NamesTheLineThatIsWrong) {
    EXPECT_EQ(rule_broken_by(url + line("1", book_1) + "2.0: nope\n"), "line 3: not JSON");
    EXPECT_EQ(rule_broken_by("1.0: {}\n"), "line 1: expected the URL of the connection");
    EXPECT_EQ(rule_broken_by(url + "x: {}\n"), "line 2: 'x' is not a time in seconds");
    EXPECT_EQ(rule_broken_by(url + "no separator\n"), "line 2: expected 'epoch: json'");
    EXPECT_EQ(rule_broken_by(url + line("1", "{}")), R"(line 2: bookTicker without an integer "u")");
    EXPECT_EQ(rule_broken_by(url), "no frames");
}

TEST(Replay, PlaysWhatIsDueAtItsSpeed) {
    Replay replay({parse_capture(two_frames())}, 10);
    std::vector<std::string> played;
    const auto play = [&](const CapturedFrame& frame, std::int64_t) { played.push_back(frame.payload); };
    replay.advance(at(0), play);
    EXPECT_TRUE(played.empty()) << "not started";
    replay.start(at(0));
    replay.advance(at(24), play);
    EXPECT_EQ(played, (std::vector{book_1}));
    replay.advance(at(25), play);
    EXPECT_EQ(played.size(), 2U);
    EXPECT_TRUE(replay.progress().is_done);
    EXPECT_TRUE(replay.finished_symbols().contains("NKNUSDT"));
}

TEST(Replay, SecondRunHasLargerUpdateIds) {
    Replay replay({parse_capture(two_frames())}, 1);
    std::int64_t shift = -1;
    const auto play = [&](const CapturedFrame&, std::int64_t by) { shift = by; };
    replay.start(at(0));
    replay.advance(at(0), play);
    EXPECT_EQ(shift, 0);
    replay.start(at(5000));
    replay.advance(at(5000), play);
    EXPECT_GT(shift, 0);
}
