#include "venues/binance/book.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs::binance {
namespace {

using namespace kurs::testing;

struct BookTest : ::testing::Test {
    Book book{btcusdt};

    std::optional<Tick> update(std::uint64_t id, TimePoint at) {
        return book.update(rate("100"), rate("101"), id, at);
    }
    std::optional<Tick> confirm(std::string_view last_price, TimePoint at) {
        return book.confirm(rate(last_price), at, at);
    }

    struct Level {
        std::string_view price;
        bool has_offer;
    };

    static SideChange side(const std::optional<Level>& level) {
        SideChange change;
        if (level && level->has_offer) change.best = rate(level->price);
        if (level && !level->has_offer) change.removed.push_back(rate(level->price));
        return change;
    }

    std::optional<Tick> follow(std::uint64_t first_id, std::uint64_t final_id, TimePoint at,
                               std::optional<Level> bid = {}, std::optional<Level> ask = {}) {
        return book.follow({first_id, final_id, at, side(bid), side(ask)}, at);
    }
};

TEST_F(BookTest, RecognisesLargerUpdateIds) {
    update(7, noon);
    EXPECT_FALSE(book.is_newer(7));
    EXPECT_FALSE(book.is_newer(6));
    EXPECT_TRUE(book.is_newer(8));
}

TEST_F(BookTest, ConfirmsNothingBeforeTheFirstBook) {
    EXPECT_FALSE(confirm("100", noon));
}

TEST_F(BookTest, IsNotDatedBeforeTheFirstEventTime) {
    EXPECT_FALSE(update(7, noon));
    EXPECT_FALSE(update(8, noon + 100ms));
    const auto tick = book.confirm(rate("100"), noon - 7s, noon + 200ms);
    ASSERT_TRUE(tick);
    EXPECT_EQ(tick->observed_at, noon - 7s);
    EXPECT_EQ(tick->sequence, 8U);
}

TEST_F(BookTest, IsAsLateAsTheNewestEventTime) {
    book.confirm(rate("100"), noon - 7s, noon);
    EXPECT_EQ(update(7, noon + 400ms)->observed_at, noon - 6600ms);
    book.confirm(rate("100"), noon + 500ms, noon + 900ms);
    EXPECT_EQ(update(8, noon + 1s)->observed_at, noon + 600ms);
}

TEST_F(BookTest, IsDatedAtMostASecondAfterTheNewestEventTime) {
    book.confirm(rate("100"), noon, noon);
    EXPECT_EQ(update(7, noon + 999ms)->observed_at, noon + 999ms);
    EXPECT_EQ(update(8, noon + 3s)->observed_at, noon + 1s) << "a pause, or a connection that only drips";
    EXPECT_EQ(update(9, noon + 9s)->observed_at, noon + 1s);
}

TEST_F(BookTest, AnEventTimeAheadOfOurClockIsClamped) {
    book.confirm(rate("100"), noon + 4s, noon);
    EXPECT_EQ(update(7, noon + 100ms)->observed_at, noon + 100ms);
}

TEST_F(BookTest, AClockSetBackMakesNoBookYounger) {
    book.confirm(rate("100"), noon, noon);
    EXPECT_EQ(update(7, noon - 5s)->observed_at, noon);
}

TEST_F(BookTest, AMiniTickerConfirmsAnUnchangedBook) {
    update(7, noon);
    for (int second = 1; second < 10; ++second) {
        const auto tick = confirm("100", noon + second * 1s);
        ASSERT_TRUE(tick);
        EXPECT_EQ(tick->observed_at, noon + second * 1s);
        EXPECT_EQ(tick->sequence, 7U);
    }
}

TEST_F(BookTest, AnInvalidatedBookIsConfirmedOnlyByTheNextValidOne) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    book.retract(8);
    EXPECT_FALSE(confirm("100", noon + 2s));
    EXPECT_FALSE(confirm("100", noon + 3s)) << "unchanged last price, living miniTicker";
    EXPECT_FALSE(book.is_newer(8));
    update(9, noon + 4s);
    EXPECT_TRUE(confirm("100", noon + 5s));
}

TEST_F(BookTest, ATradeWithoutABookFrameMeansADeadBookStream) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    EXPECT_FALSE(confirm("105", noon + 2s));
    EXPECT_FALSE(confirm("105", noon + 3s)) << "still the old book";
    update(8, noon + 4s);
    EXPECT_TRUE(confirm("101", noon + 5s));
}

TEST_F(BookTest, ATradeThatMovedTheBookConfirmsIt) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    update(8, noon + 1500ms);
    EXPECT_TRUE(confirm("101", noon + 2s));
}

TEST_F(BookTest, ANewPriceOutsideTheBookConfirmsNothingUntilTradingPauses) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    update(8, noon + 1500ms);
    EXPECT_FALSE(confirm("105", noon + 2s));
    EXPECT_TRUE(confirm("105", noon + 3s));
}

TEST_F(BookTest, ALateConfirmationDoesNotMakeTheBookOlder) {
    update(7, noon);
    confirm("100", noon);
    EXPECT_EQ(book.confirm(rate("100"), noon - 60s, noon + 1s)->observed_at, noon);
}

TEST_F(BookTest, ADepthEventConfirmsABookThatItDoesNotContradict) {
    update(7, noon);
    const auto tick = follow(5, 9, noon + 1s, Level{"99", true}, Level{"102", false});
    ASSERT_TRUE(tick);
    EXPECT_EQ(tick->observed_at, noon + 1s);
    EXPECT_EQ(tick->sequence, 7U) << "the book's own number";
    EXPECT_EQ(follow(10, 12, noon + 2s)->observed_at, noon + 2s);
}

TEST_F(BookTest, AQuantityThatChangesAtTheHeldPriceConfirmsIt) {
    update(7, noon);
    EXPECT_TRUE(follow(8, 9, noon + 1s, Level{"100", true}, Level{"101", true}));
}

TEST_F(BookTest, ADepthEventThatContradictsTheBookEndsItsConfirmation) {
    const std::pair<std::optional<Level>, std::optional<Level>> contradictions[] = {
        {Level{"100.5", true}, {}},
        {Level{"100", false}, {}},
        {{}, Level{"100.5", true}},
        {{}, Level{"101", false}},
    };
    for (const auto& [bid, ask] : contradictions) {
        book = Book(btcusdt);
        update(7, noon);
        ASSERT_TRUE(confirm("100", noon));
        EXPECT_FALSE(follow(8, 9, noon + 1s, bid, ask));
        EXPECT_FALSE(follow(10, 11, noon + 2s));
        for (int second = 1; second < 30; ++second)
            EXPECT_FALSE(confirm("100", noon + second * 1s)) << "nobody trades";
        ASSERT_TRUE(update(12, noon + 31s));
        EXPECT_TRUE(follow(12, 13, noon + 32s));
    }
}

TEST_F(BookTest, AMiniTickerBetweenChangeAndDepthEventDatesTheBookBeforeTheChange) {
    update(7, noon);
    follow(7, 7, noon);
    // The book changes at 3.2 s without a bookTicker. The depth event follows at 4 s.
    EXPECT_EQ(confirm("100", noon + 3500ms)->observed_at, noon + 2500ms);
    EXPECT_FALSE(follow(8, 8, noon + 4s, Level{"100", false}));
}

TEST_F(BookTest, ABookThatADepthEventDoesNotIncludeIsYounger) {
    EXPECT_FALSE(update(7, noon));
    EXPECT_EQ(follow(5, 6, noon + 300ms, Level{"100", false})->observed_at, noon + 300ms);
    EXPECT_EQ(update(8, noon + 2s)->observed_at, noon + 300ms) << "no receive time dates a book";
}

TEST_F(BookTest, ABookIsYoungerThanTheDateOfThePreviousOne) {
    update(7, noon);
    follow(7, 7, noon);
    EXPECT_EQ(confirm("100", noon + 10s)->observed_at, noon + 9s);
    EXPECT_EQ(update(8, noon + 10s)->observed_at, noon + 9s);
}

TEST_F(BookTest, AQuietDepthStreamDatesABookThatItDoesNotInclude) {
    follow(1, 2, noon);
    confirm("100", noon + 10s);
    EXPECT_EQ(update(3, noon + 10s)->observed_at, noon + 9s);
}

TEST_F(BookTest, ADeadDepthStreamMakesBooksOneSecondOlder) {
    follow(1, 2, noon);
    for (std::uint64_t second = 1; second < 60; ++second) {
        const auto now = noon + static_cast<int>(second) * 1s;
        confirm("100", now);
        EXPECT_EQ(update(second + 2, now)->observed_at, now - 1s);
    }
}

TEST_F(BookTest, IsAsLateAsItsDepthStream) {
    update(7, noon);
    confirm("100", noon);
    book.follow({7, 8, noon - 3s, {}, {}}, noon);
    EXPECT_EQ(confirm("100", noon + 2s)->observed_at, noon) << "known before the first depth event";
    EXPECT_EQ(confirm("100", noon + 10s)->observed_at, noon + 6s);
    EXPECT_EQ(update(9, noon + 10s)->observed_at, noon + 6s);
}

TEST_F(BookTest, MissingUpdatesEndTheConfirmationUntilTheNextBook) {
    update(7, noon);
    EXPECT_TRUE(follow(6, 8, noon + 1s));
    EXPECT_FALSE(follow(10, 11, noon + 2s)) << "update 9 is missing";
    EXPECT_FALSE(follow(12, 13, noon + 3s));
    EXPECT_FALSE(confirm("100", noon + 3s));
    EXPECT_EQ(update(14, noon + 4s)->observed_at, noon + 3s);
    EXPECT_TRUE(follow(14, 15, noon + 5s));
}

TEST_F(BookTest, ABookOlderThanTheFirstDepthEventIsNotConfirmedByIt) {
    update(7, noon);
    EXPECT_FALSE(follow(9, 10, noon + 1s));
}

TEST_F(BookTest, ALateBookIsConfirmedIfNoEventContradictsIt) {
    follow(1, 4, noon);
    follow(5, 8, noon + 1s, Level{"100", true});
    follow(9, 12, noon + 2s, Level{"99", true});
    EXPECT_EQ(update(7, noon + 24s)->observed_at, noon + 2s);
    EXPECT_TRUE(confirm("100", noon + 24s));
}

TEST_F(BookTest, ALateBookThatIsOutdatedIsDatedBeforeItsChangeAndNotConfirmed) {
    follow(1, 4, noon);
    follow(5, 8, noon + 1s, Level{"100.5", true});
    EXPECT_EQ(update(6, noon + 3s)->observed_at, noon);
    EXPECT_FALSE(confirm("100", noon + 3s));
    EXPECT_FALSE(follow(9, 9, noon + 4s));
}

TEST_F(BookTest, ABookOlderThanTheKeptDepthEventsIsNotBelieved) {
    for (std::uint64_t id = 1; id <= Book::kept_events + 1; ++id)
        follow(10 * id, 10 * id + 9, noon + id * 1s, Level{"100.5", true});
    EXPECT_FALSE(update(12, noon + 10s));
    EXPECT_FALSE(update(25, noon + 10s)) << "contradicted, and no event before it is kept";
    EXPECT_FALSE(confirm("100", noon + 10s));
    EXPECT_EQ(update(35, noon + 10s)->observed_at, noon + 2s);
}

TEST_F(BookTest, ATradeWithoutABookFrameDoesNotRefuteTheDepthStream) {
    update(7, noon);
    follow(7, 7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    EXPECT_FALSE(confirm("105", noon + 2s));
    EXPECT_EQ(follow(8, 9, noon + 3s)->observed_at, noon + 3s);
    EXPECT_FALSE(confirm("105", noon + 4s));
}

TEST_F(BookTest, ADepthEventDoesNotConfirmARetractedBook) {
    update(7, noon);
    book.retract(8);
    EXPECT_FALSE(follow(8, 9, noon + 1s));
    EXPECT_FALSE(confirm("100", noon + 2s));
    EXPECT_TRUE(update(10, noon + 3s));
}

TEST_F(BookTest, RecognisesNewerDepthEvents) {
    EXPECT_TRUE(book.is_newer_event(1));
    follow(7, 9, noon);
    EXPECT_FALSE(book.is_newer_event(9));
    EXPECT_FALSE(book.is_newer_event(8));
    EXPECT_TRUE(book.is_newer_event(10));
}

TEST_F(BookTest, ADepthEventAheadOfOurClockIsClamped) {
    update(7, noon);
    EXPECT_EQ(book.follow({7, 8, noon + 4s, {}, {}}, noon)->observed_at, noon);
}

}  // namespace
}  // namespace kurs::binance
