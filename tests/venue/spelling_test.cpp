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

}  // namespace
}  // namespace kurs
