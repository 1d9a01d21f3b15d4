#include "kurs/venue/spelling.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

TEST(TwoCodes, AreOfCapitalsAndDigits) {
    const auto spelling = two_codes('-', "BTC-USDT");
    EXPECT_EQ(spelling.example, "BTC-USDT");
    for (const auto* text : {"BTC-USDT", "1INCH-EUR", "AB-CD", "ABCDEFGHIJKL-USD"})
        EXPECT_TRUE(spelling.is_symbol(text)) << text;
    for (const auto* text : {"", "-", "BTCUSDT", "BTC/USDT", "BTC-", "-USDT", "B-USDT", "BTC-U", "btc-usdt",
                             "BTC-USDT-SWAP", "BTC- USDT", "ABCDEFGHIJKLM-USD"})
        EXPECT_FALSE(spelling.is_symbol(text)) << text;
}

TEST(TwoCodes, RevealBaseAndQuote) {
    const auto pair = two_codes('/', "BTC/USD").spelt_pair("ETH/EUR");
    EXPECT_EQ(pair.base, "ETH");
    EXPECT_EQ(pair.quote, "EUR");
    EXPECT_EQ(pair.coin, "");
}

TEST(TwoCodes, HaveTwoToTwelveCharacters) {
    const auto is_symbol = two_codes('-', "BTC-USDT").is_symbol;
    for (const auto* text : {"AZ-09", "ABCDEFGHIJKL-ABCDEFGHIJKL"}) EXPECT_TRUE(is_symbol(text)) << text;
    for (const auto* text : {"@A-USD", "A[-USD", "A/-USD", "A:-USD", "USD-ABCDEFGHIJKLM"})
        EXPECT_FALSE(is_symbol(text)) << text;
}

TEST(JoinedCodes, HaveFourToTwentyFourCharacters) {
    const auto spelling = joined_codes("BTCUSDT");
    EXPECT_TRUE(spelling.is_from_codes);
    for (const auto& text : {std::string("AB09"), std::string(24, 'A')})
        EXPECT_TRUE(spelling.is_symbol(text)) << text;
    for (const auto& text : {std::string("ABC"), std::string(25, 'A'), std::string("BTC-USD")})
        EXPECT_FALSE(spelling.is_symbol(text)) << text;
}

}  // namespace
}  // namespace kurs
