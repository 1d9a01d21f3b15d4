#include "server/date_line.hpp"

#include <gtest/gtest.h>

namespace kurs::server {
namespace {

using namespace std::chrono_literals;

TEST(DateLine, IsAnImfFixdate) {
    DateLine date;
    EXPECT_EQ(date.at(TimePoint(784'111'777s)), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    EXPECT_EQ(date.at(TimePoint(1'709'164'800s)), "Date: Thu, 29 Feb 2024 00:00:00 GMT\r\n");
}

TEST(DateLine, ChangesWithTheSecond) {
    DateLine date;
    EXPECT_EQ(date.at(TimePoint(784'111'777'999ms)), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
    EXPECT_EQ(date.at(TimePoint(784'111'778'000ms)), "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
}

}  // namespace
}  // namespace kurs::server
