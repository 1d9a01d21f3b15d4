#include "kurs/redis/address.hpp"

#include <gtest/gtest.h>

namespace kurs::redis {
namespace {

TEST(RedisAddress, ReadsEveryPart) {
    const auto address = parse_address("redis://kurs:p%40ss@redis.example:6380/2");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->host, "redis.example");
    EXPECT_EQ(address->port, 6380);
    EXPECT_EQ(address->user, "kurs");
    EXPECT_EQ(address->password, "p@ss");
    EXPECT_EQ(address->database, 2);
}

TEST(RedisAddress, NeedsOnlyAHost) {
    for (const auto* url : {"redis://redis", "redis://redis/", "redis://redis:6379", "redis://redis/0"}) {
        const auto address = parse_address(url);
        ASSERT_TRUE(address) << url;
        EXPECT_EQ(address->host, "redis");
        EXPECT_EQ(address->port, 6379);
        EXPECT_EQ(address->user + address->password, "");
        EXPECT_EQ(address->database, 0);
    }
}

TEST(RedisAddress, AcceptsAPasswordWithoutUserAndAddresses) {
    EXPECT_EQ(parse_address("redis://:secret@redis")->password, "secret");
    EXPECT_EQ(parse_address("redis://127.0.0.1:1")->host, "127.0.0.1");
    EXPECT_EQ(parse_address("redis://[::1]:1")->host, "::1");
}

TEST(RedisAddress, HasTlsOnlyWithTheSchemeRediss) {
    EXPECT_TRUE(parse_address("rediss://redis")->tls);
    EXPECT_FALSE(parse_address("redis://redis")->tls);
}

TEST(RedisAddress, RefusesUnsupportedUrlsAndShowsNothingOfThem) {
    for (const auto* url :
         {"", "redis", "redis:", "redis://", "http://redis", "redis://redis:0", "redis://redis:99999",
          "redis://redis/x", "redis://redis/0/1", "redis://redis/-1", "redis://redis/0?a=secret",
          "redis://redis/0#secret", "redis://secret@redis", "redis://user:sec#ret@redis",
          "redis://user:sec/ret@redis", "redis://:secret@", "unix:///run/redis.sock"}) {
        const auto address = parse_address(url);
        ASSERT_FALSE(address) << url;
        EXPECT_EQ(address.error().text.find("sec"), std::string::npos) << address.error().text;
        EXPECT_TRUE(address.error().text.starts_with("the URL of Redis "));
    }
}

}  // namespace
}  // namespace kurs::redis
