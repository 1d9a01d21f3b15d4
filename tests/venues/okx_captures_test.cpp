// Replays real captures through the sessions.
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "kurs/domain/time_text.hpp"
#include "okx_fixture.hpp"
#include "support/captures.hpp"
#include "venues/okx/rest.hpp"

namespace kurs::okx {
namespace {

/// The prices of a book as text, read with an expression: independent of the session's parser. Sorted as
/// numbers of their text: by length of the whole part, then by digits.
struct Numerically {
    bool operator()(const std::string& a, const std::string& b) const {
        const auto whole = [](const std::string& text) { return std::min(text.find('.'), text.size()); };
        return whole(a) != whole(b) ? whole(a) < whole(b) : a < b;
    }
};
using ReadSide = std::map<std::string, std::string, Numerically>;

void read_side(const std::string& frame, const std::string& side, ReadSide& levels) {
    const auto begin = frame.find('"' + side + "\":[");
    const std::string text = frame.substr(begin, frame.find("]]", begin) - begin + 1);
    if (text.find("\":[]") < text.find('[') + 1) return;
    const std::regex level(R"x(\["([0-9.]+)","([0-9.]+)",)x");
    for (std::sregex_iterator found(text.begin(), text.end(), level), none; found != none; ++found) {
        const std::string price = (*found)[1], quantity = (*found)[2];
        if (quantity.find_first_not_of("0.") == std::string::npos) {
            levels.erase(price);
        } else {
            levels[price] = quantity;
        }
    }
}

struct ReadBook {
    ReadSide bids, asks;

    void take(const std::string& frame) {
        if (frame.find(R"("action":"update")") == std::string::npos) *this = {};
        for (auto* const side : {&bids, &asks}) {
            const std::string name = side == &bids ? "bids" : "asks";
            if (frame.find('"' + name + "\":[]") == std::string::npos) read_side(frame, name, *side);
        }
    }

    std::string top() const { return bids.rbegin()->first + " " + asks.begin()->first; }

    /// CRC-32 of the 25 best levels in turn, as the venue's documentation of 2022 describes.
    std::int32_t checksum() const {
        std::string text;
        auto bid = bids.rbegin();
        auto ask = asks.begin();
        const auto add = [&](const auto& level) {
            text += (text.empty() ? "" : ":") + level.first + ":" + level.second;
        };
        for (int i = 0; i < 25; ++i) {
            if (bid != bids.rend()) add(*bid++);
            if (ask != asks.end()) add(*ask++);
        }
        std::uint32_t crc = 0xFFFF'FFFFU;
        for (const char c : text) {
            crc ^= static_cast<unsigned char>(c);
            for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB8'8320U : 0U);
        }
        return static_cast<std::int32_t>(~crc);
    }
};

struct OkxCaptures : CaptureTest {
    OkxCaptures() {
        for (const SymbolId symbol : shared->trading->symbols()) listed.set_pair(symbol, "live");
    }

    static std::vector<std::string> fixture_lines(const std::string& name) { return lines_of("okx/" + name); }

    MarketMap map = [] {
        auto books = okx_books();
        for (const auto* name : {"BTC-USDT-SWAP", "BCH-USDT-SWAP", "BTC-USD-220527", "UNI-USD-SWAP"})
            books.symbols.push_back({VenueId{0}, name, "BTC", "USDT", {5s, 20, {}, {}}});
        return books;
    }();
    std::shared_ptr<Shared> shared = std::make_shared<Shared>(map, map.symbols_of(VenueId{0}));
    TradingSource listed{shared->trading};
    std::unique_ptr<StreamSession> session = make_stream_session(shared);
    TimePoint now = parse_rfc3339("2026-10-08T00:00:00Z").value();

    Outcome take(const std::string& frame) {
        auto outcome = session->on_frame(frame, now);
        outcome.replies.clear();  // subscriptions
        count(outcome);
        return outcome;
    }

    /// Takes a frame of `books` after the independent reading's best prices under the same number: the books
    /// of the session confirm them, or contradict.
    void take_book(const std::string& frame, ReadBook& read, std::int64_t number) {
        read.take(frame);
        const auto symbol = unescaped_member(frame, "instId");
        session->on_frame(top(read.bids.rbegin()->first, read.asks.begin()->first, number, now - 24h, symbol),
                          now);
        const auto outcome = take(frame);
        ASSERT_EQ(outcome.ticks.size(), 1U) << frame;
        const Tick& tick = outcome.ticks[0];
        EXPECT_EQ(to_string(tick.bid) + " " + to_string(tick.ask), read.top());
        EXPECT_EQ(std::to_string(tick.observed_at.time_since_epoch().count()), unescaped_member(frame, "ts"));
        EXPECT_EQ(tick.sequence, static_cast<std::uint64_t>(number));
    }
};

TEST_F(OkxCaptures, EveryFrameIsAccountedForAndTheBooksEqualAnIndependentReading) {
    std::map<std::string, ReadBook> read;
    int incoming = 0;
    for (const auto& line : fixture_lines("ws_real_frames.jsonl")) {
        if (line.find(R"("dir":"in")") == std::string::npos) continue;
        ++incoming;
        const auto frame = unescaped_member(line, "frame");
        const auto number = frame.find(R"("seqId":)");
        if (frame.find(R"("action":)") == std::string::npos) {
            take(frame);
        } else {
            take_book(frame, read[unescaped_member(frame, "instId")], std::stoll(frame.substr(number + 8)));
        }
    }
    report("ws_real_frames");
    const std::map<std::string, int> expected{
        {"malformed BTC-USDT", 1},  // of 2022, without a number
        {"tick", 2},
        {"unknown_event tickers", 4},
        {"unknown_event trades", 1},
        {"venue_error 60018 Subscribe failed, wrong URL or channel:books,instId:NOPE-USDT doesn't exis", 1},
        {"without news", 2}};  // acknowledgements
    EXPECT_EQ(frames, expected);
    EXPECT_EQ(incoming, 11);
}

TEST_F(OkxCaptures, EveryDocumentedFrameIsAccountedFor) {
    for (const auto& line : fixture_lines("ws_documented_frames.jsonl")) {
        if (line.find(R"("dir":"in")") != std::string::npos) take(unescaped_member(line, "frame"));
    }
    report("ws_documented_frames");
    const std::map<std::string, int> expected{
        {"farewell", 1},
        {"listing", 1},
        {"tick", 1},
        {"unknown_event status", 1},
        {R"(venue_error 60012 Invalid request: {"op": "subscribe", "argss":[{ "channel" : "bbo-tbt", "in)",
         1},
        {"without news", 6}};  // acknowledgements, a pong, a count, two updates without their snapshot
    EXPECT_EQ(frames, expected);
}

/// The capture is from before `seqId`. Each frame of `books` is given a number, chained within its symbol.
TEST_F(OkxCaptures, EveryBookOfTenSecondsEqualsAnIndependentReading) {
    std::map<std::string, ReadBook> read;
    std::map<std::string, std::int64_t> numbers;
    int incoming = 0, books = 0, checked = 0, tops = 0;
    std::map<std::string, std::string> last;
    for (const auto& line : fixture_lines("cryptofeed_OKX.ws.1.0")) {
        if (line.starts_with("wss")) continue;
        ++incoming;
        const auto space = line.find(": ");
        auto frame = line.substr(space + 2);
        now = TimePoint{Duration{static_cast<std::int64_t>(std::stod(line.substr(0, space)) * 1000) + 1}};
        if (frame.find(R"("channel":"books")") == std::string::npos || frame.starts_with(R"({"event")")) {
            take(frame);
            continue;
        }
        ++books;
        const auto symbol = unescaped_member(frame, "instId");
        const auto at = frame.find(R"("checksum":)");
        const auto checksum = std::stol(frame.substr(at + 11));
        auto& number = numbers[symbol];
        const bool is_snapshot = frame.find(R"("action":"snapshot")") != std::string::npos;
        frame.replace(at, frame.size() - at, okx::numbers(number + 250, is_snapshot ? -1 : number) + "}]}");
        number += 250;
        auto& book = read[symbol];
        take_book(frame, book, number);
        checked += book.checksum() == checksum;
        tops += last[symbol] != book.top();
        last[symbol] = book.top();
    }
    report("cryptofeed_OKX");
    std::cout << books << " books, " << tops << " changes of the top\n";
    EXPECT_EQ(incoming, 410);
    EXPECT_EQ(checked, books) << "the independent reading is right";
    EXPECT_EQ(frames.at("tick"), books);
}

TEST_F(OkxCaptures, AnswersOfTheRestApiAreAccountedFor) {
    std::map<std::string, std::string> became;
    for (const auto& line : fixture_lines("rest_documented.jsonl")) {
        const auto name = unescaped_member(line, "name");
        const auto poll = make_book_poll(shared);
        poll->make_request(now);
        const auto status = std::stoi(line.substr(line.find(R"("status":)") + 9));
        const auto outcome = poll->on_response({status, {}, unescaped_member(line, "body")}, now);
        became[name] = std::to_string(outcome.ticks.size()) + " ticks";
        for (const Tick& tick : outcome.ticks)
            became[name] += " " + to_string(tick.bid) + " " + to_string(tick.ask);
        for (const auto& refusal : outcome.refusals) became[name] += ", " + refusal.what;
    }
    const std::map<std::string, std::string> expected{
        {"GET /api/v5/public/time", "0 ticks, BTC-USDT"},
        {"GET /api/v5/market/books?instId=BTC-USDT&sz=1", "1 ticks 41006.3 41006.8"},
        {"GET /api/v5/market/ticker?instId=BTC-USDT (documented shape, spot values)", "0 ticks, BTC-USDT"},
        {"unknown instrument", "0 ticks, BTC-USDT unknown to the venue"},
        {"rate limit", "0 ticks, status 429"},
        {"service unavailable", "0 ticks, status 503"},
        {"system error", "0 ticks, status 500"}};
    EXPECT_EQ(became, expected);
}

TEST_F(OkxCaptures, EverySymbolIsFoundInTheRealListing) {
    std::string body;
    for (const auto& line : fixture_lines("instruments_SPOT_2022-05-13_subset.json")) body += line;
    const auto poll = make_listing_poll(shared);
    poll->make_request(now);
    const auto outcome = poll->on_response({200, {}, body}, now);
    ASSERT_EQ(outcome.listings.size(), 3U);
    for (const auto& listing : outcome.listings) EXPECT_TRUE(listing.is_trading);
    EXPECT_EQ(outcome.refusals.size(), 4U) << "no spot pairs";
}

}  // namespace
}  // namespace kurs::okx
