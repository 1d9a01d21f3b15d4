#include "book_log.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"

using namespace sim;
using nlohmann::json;

namespace {

StreamEvent book(int update_id, int price, const char* quantity = "1") {
    return {"BTCUSDT", "bookTicker", "btcusdt@bookTicker",
            fmt::format(R"({{"u":{},"s":"BTCUSDT","b":"{}","B":"{}","a":"{}","A":"1"}})", update_id, price,
                        quantity, price + 1)};
}

json books_since(const BookLog& log, int since) {
    return json::parse(log.report(at(since), at(9000)))["books"]["BTCUSDT"];
}

}  // namespace

TEST(BookLog, SaysFromWhenToWhenAPriceWasTrue) {
    BookLog log;
    log.note(book(7, 100), at(1000));
    log.note(book(8, 101), at(2500));
    const auto books = books_since(log, 0);
    ASSERT_EQ(books.size(), 2U);
    EXPECT_EQ(books[0], json::parse(fmt::format(R"({{"u":7,"b":"100","a":"101","from":{},"to":{}}})",
                                                to_unix_ms(at(1000)), to_unix_ms(at(2500)))));
    EXPECT_TRUE(books[1]["to"].is_null());
}

TEST(BookLog, ChangeOfQuantitiesIsNoNewPrice) {
    BookLog log;
    log.note(book(7, 100), at(1000));
    log.note(book(8, 100, "2"), at(1500));
    EXPECT_EQ(books_since(log, 0).size(), 1U);
}

TEST(BookLog, PriceThatReturnsIsRecordedAgain) {
    BookLog log;
    log.note(book(7, 100), at(1000));
    log.note(book(8, 101), at(2000));
    log.note(book(9, 100), at(3000));
    EXPECT_EQ(books_since(log, 0).size(), 3U);
}

TEST(BookLog, LeavesOutWhatWasReplacedBefore) {
    BookLog log;
    for (int i = 0; i < 5; ++i) log.note(book(i + 1, 100 + i), at(i * 1000));
    const auto books = books_since(log, 2000);
    ASSERT_EQ(books.size(), 4U);
    EXPECT_EQ(books[0]["u"], 2);
}

TEST(BookLog, FindsTheBookOfAMoment) {
    BookLog log;
    log.note(book(7, 100), at(1000));
    log.note(book(8, 101), at(2000));
    EXPECT_FALSE(log.find("BTCUSDT", at(999)));
    EXPECT_EQ(log.find("BTCUSDT", at(1999)), book(7, 100).payload);
    EXPECT_EQ(log.find("BTCUSDT", at(2000)), book(8, 101).payload);
    EXPECT_FALSE(log.find("ETHUSDT", at(2000)));
}

TEST(BookLog, ForgetsTheOldest) {
    BookLog log;
    for (int i = 0; i < 5000; ++i) log.note(book(i + 1, 100 + i), at(i));
    const auto books = books_since(log, 0);
    EXPECT_EQ(books.size(), 4096U);
    EXPECT_EQ(books.back()["u"], 5000);
}

TEST(BookLog, OtherStreamsHaveNoBooks) {
    BookLog log;
    log.note({"BTCUSDT", "miniTicker", "btcusdt@miniTicker", "{}"}, at(0));
    EXPECT_EQ(log.report(at(0), at(5)), fmt::format(R"({{"now":{},"books":{{}}}})", to_unix_ms(at(5))));
}
