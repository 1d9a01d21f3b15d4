#include "kurs/domain/duration_text.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

TEST(DurationText, IsANumberOfOneUnit) {
    EXPECT_EQ(parse_duration("0s"), 0s);
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("15m"), 15min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("12d"), 12 * 24h);
    EXPECT_EQ(parse_duration("1000000000ms"), 1'000'000s);
    for (const auto* text : {"", "s", "5", "-1s", "1.5s", "5 s", "1000000001ms", "99999999999999999999ms"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(DurationText, IsWrittenInTheLargestUnitThatFits) {
    EXPECT_EQ(to_string(Duration(0)), "0s");
    EXPECT_EQ(to_string(Duration(1ms)), "1ms");
    EXPECT_EQ(to_string(Duration(1500ms)), "1500ms");
    EXPECT_EQ(to_string(Duration(90s)), "90s");
    EXPECT_EQ(to_string(Duration(15min)), "15m");
    EXPECT_EQ(to_string(Duration(48h)), "2d");
}

}  // namespace
}  // namespace kurs
