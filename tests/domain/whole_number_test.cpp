#include "kurs/domain/whole_number.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace kurs {
namespace {

TEST(WholeNumber, ReadsEveryDigit) {
    EXPECT_EQ(parse_whole_number<int>("-42").value(), -42);
    EXPECT_EQ(parse_whole_number<std::uint64_t>("18446744073709551615").value(), ~std::uint64_t{0});
}

TEST(WholeNumber, IsNothingElse) {
    for (const auto* text : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x1", "5s"})
        EXPECT_EQ(parse_whole_number<int>(text).error(), errc::malformed) << text;
    EXPECT_EQ(parse_whole_number<std::uint8_t>("256").error(), errc::overflow);
    EXPECT_EQ(parse_whole_number<unsigned>("-1").error(), errc::malformed);
}

}  // namespace
}  // namespace kurs
