#include "kurs/exports/reserves.hpp"

#include <gtest/gtest.h>

#include "exports/item_fixture.hpp"

namespace kurs::exports {
namespace {

TEST(Reserve, IsTheNumberOrTextToWhichThePointerLeads) {
    constexpr std::string_view document =
        R"( {"reserves": {"a/b": 1500000.5, "trc": "0.12345678", "small": 1e-7}, "list": [1, 20 ]} )";
    EXPECT_EQ(read_reserve(document, "/reserves/a~1b").value(), rate("1500000.5"));
    EXPECT_EQ(read_reserve(document, "/reserves/trc").value(), rate("0.12345678"));
    EXPECT_EQ(read_reserve(document, "/reserves/small").value(), rate("0.0000001"));
    EXPECT_EQ(read_reserve(document, "/list/1").value(), rate("20"));
    EXPECT_EQ(read_reserve(R"({"all": 123456789012345.678901})", "/all").value(),
              rate("123456789012345.678901"));
}

TEST(Reserve, IsRefusedIfItIsAnythingElse) {
    constexpr std::string_view document =
        R"({"no": null, "yes": true, "text": "1 000", "list": [], "zero": 0.00, "debt": -5})";
    for (const auto* const pointer : {"/no", "/yes", "/text", "/list", "/none", "/list/0", "/text/x"})
        EXPECT_EQ(read_reserve(document, pointer).error(), errc::malformed) << pointer;
    for (const auto* const pointer : {"/zero", "/debt"})
        EXPECT_EQ(read_reserve(document, pointer).error(), errc::not_positive) << pointer;
    for (const auto* const text : {"", "<html>", "{\"a\": 1", "{\"a\"}"})
        EXPECT_EQ(read_reserve(text, "/a").error(), errc::malformed) << text;
}

struct Polled {
    ReserveSource source{{}, "/trc", 10s};
    ReserveBook book;
    ReservePoll poll{source, 0, book};

    std::size_t take(int status, const std::string& body, TimePoint now) {
        poll.make_request(now);
        return poll.on_response({status, {}, body}, now + 1s).refusals.size();
    }
};

TEST(ReservePoll, CountsTheAgeFromTheRequest) {
    Polled polled;
    EXPECT_LE(polled.poll.next_poll(true), noon);
    EXPECT_EQ(polled.take(200, R"({"trc": 7})", noon), 0U);
    EXPECT_EQ(polled.poll.next_poll(true), noon + 2500ms);
    EXPECT_EQ(polled.book.find(0, noon + 9999ms)->amount, rate("7"));
    EXPECT_FALSE(polled.book.find(0, noon + 10s));
    EXPECT_FALSE(polled.book.find(1, noon));
}

TEST(ReservePoll, KeepsTheLastAmountThroughFailuresUntilItsLimit) {
    Polled polled;
    polled.take(200, R"({"trc": 7})", noon);
    EXPECT_EQ(polled.take(500, R"({"trc": 8})", noon + 3s), 1U);
    EXPECT_EQ(polled.take(200, "<html>", noon + 6s), 1U);
    EXPECT_EQ(polled.book.find(0, noon + 9s)->amount, rate("7"));
    EXPECT_FALSE(polled.book.find(0, noon + 10s));
}

TEST(ReservePoll, WithdrawsAnAmountThatIsUsedUp) {
    Polled polled;
    polled.take(200, R"({"trc": 7})", noon);
    const auto revision = polled.book.revision();
    EXPECT_EQ(polled.take(200, R"({"trc": 0})", noon + 3s), 0U);
    EXPECT_FALSE(polled.book.find(0, noon + 3s));
    EXPECT_GT(polled.book.revision(), revision);
}

TEST(ReserveBook, CountsItsChanges) {
    ReserveBook book;
    book.withdraw(3);
    EXPECT_EQ(book.revision(), 0U) << "nothing to withdraw";
    book.set(3, {Rate::parse("1").value(), TimePoint{}});
    EXPECT_EQ(book.revision(), 1U);
    book.withdraw(3);
    EXPECT_EQ(book.revision(), 2U);
}

}  // namespace
}  // namespace kurs::exports
