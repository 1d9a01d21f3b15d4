#include "kurs/domain/rate.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

std::string round_trip(std::string_view text) {
    const auto rate = Rate::parse(text);
    return rate ? to_string(*rate) : std::string(to_string(rate.error()));
}

TEST(Rate, ReadsPlainDecimalsExactly) {
    EXPECT_EQ(round_trip("61234.56000000"), "61234.56");
    EXPECT_EQ(round_trip("0.000000000000000001"), "0.000000000000000001");
    EXPECT_EQ(round_trip("100"), "100");
    EXPECT_EQ(round_trip("00.50"), "0.5");
    EXPECT_EQ(round_trip("340282366920938463463.374607431768211455"),
              "340282366920938463463.374607431768211455");
}

TEST(Rate, RefusesAllButPositivePlainDecimals) {
    for (const auto* text : {"", ".", "1.", ".5", "+1", "-1", "1e5", "1,5", " 1", "1 ", "0x1", "NaN", "inf",
                             "1.2.3", "0.0000000000000000001"}) {
        EXPECT_EQ(round_trip(text), "malformed") << text;
    }
    EXPECT_EQ(round_trip("0"), "not_positive");
    EXPECT_EQ(round_trip("0.00000000"), "not_positive");
    EXPECT_EQ(round_trip("340282366920938463463.374607431768211456"), "overflow");
    EXPECT_EQ(round_trip("1234567890123456789012345678901234567890"), "overflow");
    EXPECT_EQ(round_trip(std::string(1000, '9')), "overflow");
    EXPECT_EQ(round_trip(std::string(63, '0') + "1"), "1");
    EXPECT_EQ(round_trip(std::string(64, '0') + "1"), "overflow");
}

TEST(Rate, ReadsJsonNumbersWithExponents) {
    const auto read = [](std::string_view text) {
        const auto rate = Rate::parse_number(text);
        return rate ? to_string(*rate) : std::string(to_string(rate.error()));
    };
    EXPECT_EQ(read("61696.67928656691"), "61696.67928656691");
    EXPECT_EQ(read("1.2e-07"), "0.00000012");
    EXPECT_EQ(read("1.39e12"), "1390000000000");
    EXPECT_EQ(read("5E+3"), "5000");
    EXPECT_EQ(read("1.2345678901234567e-07"), "0.000000123456789012");
    EXPECT_EQ(read("1e-19"), "not_positive");
    EXPECT_EQ(read("-1.5"), "not_positive");
    EXPECT_EQ(read("1e99"), "overflow");
    EXPECT_EQ(read("1e39"), "overflow");
    EXPECT_EQ(read("3e20"), "300000000000000000000");
    EXPECT_EQ(read("4e20"), "overflow");
    EXPECT_EQ(read("0." + std::string(39, '0') + "1e40"), "1");
    EXPECT_EQ(read("0." + std::string(40, '0') + "1e41"), "overflow");
    EXPECT_EQ(read("1" + std::string(60, '0') + "e-60"), "1");
    EXPECT_EQ(read("1" + std::string(61, '0') + "e-61"), "not_positive");
    EXPECT_EQ(read("1e"), "malformed");
    EXPECT_EQ(read("1e+-5"), "malformed");
    EXPECT_EQ(read("e5"), "malformed");
    EXPECT_EQ(read("null"), "malformed");
}

TEST(Rate, RoundsHalfUpOnceAndDropsTrailingZeros) {
    const auto rounded = [](std::string_view text) { return to_rounded_string(Rate::parse(text).value()); };
    EXPECT_EQ(rounded("54000.000123"), "54000.000123");
    EXPECT_EQ(rounded("0.123456785"), "0.12345679");
    EXPECT_EQ(rounded("0.123456784999999999"), "0.12345678");
    EXPECT_EQ(rounded("0.999999999"), "1");
    EXPECT_EQ(rounded("0.1"), "0.1");
    EXPECT_EQ(rounded("0.100000004"), "0.1");
    EXPECT_EQ(rounded("340282366920938463463.374607431768211455"), "340282366920938463463.37460743");
}

TEST(Rate, KeepsEightSignificantDigitsOfASmallRate) {
    const auto rounded = [](std::string_view text) { return to_rounded_string(Rate::parse(text).value()); };
    EXPECT_EQ(rounded("0.01234567849"), "0.012345678");
    EXPECT_EQ(rounded("0.0123456785"), "0.012345679");
    EXPECT_EQ(rounded("0.000000204129371234"), "0.00000020412937");
    EXPECT_EQ(rounded("0.099999999999"), "0.1");
    EXPECT_EQ(rounded("0.000000000012345678"), "0.000000000012345678");
    EXPECT_EQ(rounded("0.000000000000000001"), "0.000000000000000001");
}

}  // namespace
}  // namespace kurs
