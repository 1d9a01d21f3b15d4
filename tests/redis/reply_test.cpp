#include "redis/reply.hpp"

#include <gtest/gtest.h>

namespace kurs::redis {
namespace {

/// The reply that the bytes contain.
Reply read(const std::string& bytes) {
    ReplyReader reader(1'000);
    reader.feed(bytes);
    auto reply = reader.next().value().value();
    EXPECT_TRUE(reader.is_empty());
    return reply;
}

TEST(RedisReply, ReadsEachKind) {
    EXPECT_EQ(read("$-1\r\n").kind, Reply::Kind::nil);
    EXPECT_EQ(read("*-1\r\n").kind, Reply::Kind::nil);
    EXPECT_EQ(read(":-42\r\n").integer, -42);
    EXPECT_EQ(read("+OK\r\n").text, "OK");
    EXPECT_EQ(read("$0\r\n\r\n").kind, Reply::Kind::text);
    EXPECT_EQ(read(std::string("$3\r\na\0b\r\n", 9)).text, std::string("a\0b", 3));
    EXPECT_EQ(read("-ERR no\r\n").kind, Reply::Kind::error);
    EXPECT_EQ(read("*0\r\n").kind, Reply::Kind::array);
}

TEST(RedisReply, ReadsNestedReplies) {
    const auto reply = read("*3\r\n:1\r\n*2\r\n+a\r\n$-1\r\n-ERR b\r\n");
    ASSERT_EQ(reply.array.size(), 3);
    ASSERT_EQ(reply.array[1].array.size(), 2);
    EXPECT_EQ(reply.array[1].array[0].text, "a");
    EXPECT_EQ(reply.array[1].array[1].kind, Reply::Kind::nil);
    EXPECT_TRUE(reply.array[2].is_error("ERR"));
}

TEST(RedisReply, DistinguishesErrorsByTheirWholeCode) {
    EXPECT_TRUE(read("-NOGROUP No such key\r\n").is_error("NOGROUP"));
    EXPECT_TRUE(read("-NOGROUP\r\n").is_error("NOGROUP"));
    EXPECT_FALSE(read("-NOGROUPS\r\n").is_error("NOGROUP"));
    EXPECT_FALSE(read("+NOGROUP\r\n").is_error("NOGROUP"));
}

TEST(RedisReply, IsReadInPiecesAndOneAtATime) {
    const std::string bytes = "*2\r\n$3\r\none\r\n*1\r\n:2\r\n+next\r\n";
    ReplyReader reader(1'000);
    std::vector<Reply> replies;
    for (const char byte : bytes) {
        reader.feed({&byte, 1});
        while (auto reply = reader.next().value()) replies.push_back(*std::move(reply));
    }
    ASSERT_EQ(replies.size(), 2);
    EXPECT_EQ(replies[0].array.at(0).text, "one");
    EXPECT_EQ(replies[0].array.at(1).array.at(0).integer, 2);
    EXPECT_EQ(replies[1].text, "next");
    EXPECT_TRUE(reader.is_empty());
}

TEST(RedisReply, LimitsTheElementsOfAllItsArraysTogether) {
    ReplyReader reader(1'000'000);
    reader.feed("*6000\r\n*6000\r\n");
    EXPECT_EQ(reader.next().error().text, "an answer is too large");

    ReplyReader renewed(1'000'000);
    for (int i = 0; i < 5; ++i) {
        std::string bytes = "*6000\r\n";
        for (int element = 0; element < 6'000; ++element) bytes += ":1\r\n";
        renewed.feed(bytes);
        EXPECT_EQ(renewed.next().value().value().array.size(), 6'000);
    }
}

TEST(RedisFailure, IsOneShortLine) {
    const auto failure = failed("a\r\nb\x1b[0m\xff" + std::string(1000, 'x'));
    EXPECT_TRUE(failure.text.starts_with("a??b?[0m?x"));
    EXPECT_LT(failure.text.size(), 200);
}

TEST(RedisAnswers, ReadsEntriesByTheNamesOfTheirFields) {
    const auto reply = read(
        "*1\r\n*2\r\n$9\r\nkurs:view\r\n*2\r\n"
        "*2\r\n$3\r\n1-1\r\n*6\r\n$4\r\ntext\r\n$2\r\nhi\r\n$5\r\nepoch\r\n$1\r\n7\r\n$5\r\nafter\r\n$3\r\n0-"
        "9\r\n"
        "*2\r\n$3\r\n1-2\r\n*2\r\n$5\r\nother\r\n$1\r\nx\r\n");
    const auto entries = parse_reading(reply);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 2);
    EXPECT_EQ(entries->at(0).id, "1-1");
    EXPECT_EQ(entries->at(0).epoch, Epoch{7});
    EXPECT_EQ(entries->at(0).text, "hi");
    EXPECT_EQ(entries->at(0).after, "0-9");
    EXPECT_EQ(entries->at(1).id, "1-2");
    EXPECT_EQ(entries->at(1).epoch, Epoch{});
}

TEST(RedisAnswers, ATimedOutReadHasNoEntries) {
    EXPECT_TRUE(parse_reading(read("*-1\r\n"))->empty());
}

TEST(RedisAnswers, AnotherShapeIsAFailure) {
    for (const auto* other : {":1\r\n", "*1\r\n:1\r\n", "*1\r\n*2\r\n+a\r\n:1\r\n",
                              "*1\r\n*2\r\n+a\r\n*1\r\n:1\r\n", "*2\r\n*0\r\n*0\r\n", "-ERR no\r\n"})
        EXPECT_FALSE(parse_reading(read(other))) << other;
}

}  // namespace
}  // namespace kurs::redis
