#include "kurs/domain/direction.hpp"

#include <gtest/gtest.h>

#include "kurs/domain/endpoint.hpp"

namespace kurs {
namespace {

TEST(Direction, IsCaseInsensitiveAndStoredInCapitals) {
    const auto direction = Direction::parse("usdttrc-Rub").value();
    EXPECT_EQ(direction.text(), "USDTTRC-RUB");
    EXPECT_EQ(direction.base(), "USDTTRC");
    EXPECT_EQ(direction.quote(), "RUB");
}

TEST(Direction, RefusesOtherForms) {
    for (const auto* text :
         {"", "-", "BTC", "BTC-", "-USD", "BTC_USD", "BTC-USD-RUB", "B-USD", "BTC USD", "BTC-US\u0414",
          "ABCDEFGHIJKLM-USD", "BTC-USDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_TRUE(Direction::parse(text).has_error()) << text;
    }
}

TEST(Endpoint, IsAskedForASlashAtLeast) {
    const auto target = [](std::string path, std::string_view rest) {
        return Endpoint{true, "rates.example", 443, std::move(path)}.request_target(rest);
    };
    EXPECT_EQ(target("", ""), "/");
    EXPECT_EQ(target("", "?a=b"), "/?a=b");
    EXPECT_EQ(target("", "/v3"), "/v3");
    EXPECT_EQ(target("/api", ""), "/api");
    EXPECT_EQ(target("/api", "?a=b"), "/api?a=b");
    EXPECT_EQ(target("/api", "/v3"), "/api/v3");
}

TEST(Endpoint, OmitsTheDefaultPortOfItsScheme) {
    EXPECT_EQ((Endpoint{true, "stream.example", 9443, ""}.host_header()), "stream.example:9443");
    EXPECT_EQ((Endpoint{true, "stream.example", 443, ""}.host_header()), "stream.example");
    EXPECT_EQ((Endpoint{false, "::1", 8080, ""}.host_header()), "[::1]:8080");
}

TEST(Direction, HasCodesOfTwoToTwelveLettersAndDigits) {
    for (const auto* text : {"AZ-09", "az-za", "ABCDEFGHIJKL-ABCDEFGHIJKL"})
        EXPECT_TRUE(Direction::parse(text)) << text;
    for (const auto* text :
         {"@A-USD", "A[-USD", "A/-USD", "A:-USD", "`A-USD", "A{-USD", "USD-A", "AB-ABCDEFGHIJKLM"})
        EXPECT_FALSE(Direction::parse(text)) << text;
}

TEST(Endpoint, OmitsTheFinalDotOfItsName) {
    EXPECT_EQ((Endpoint{false, "rates.example.", 80, ""}.host_header()), "rates.example");
    EXPECT_EQ((Endpoint{false, "rates.example", 81, ""}.host_header()), "rates.example:81");
}

}  // namespace
}  // namespace kurs
