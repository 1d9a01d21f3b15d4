#include "kurs/domain/percent_text.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

TEST(PercentText, HasTheDecimalsAskedForAndCutsTheRest) {
    EXPECT_EQ(percent_text(31'299), "3.1299");
    EXPECT_EQ(percent_text(31'299, 2), "3.12");
    EXPECT_EQ(percent_text(312), "0.0312");
    EXPECT_EQ(percent_text(5'000'000, 2), "500.00");
    EXPECT_EQ(percent_text(0), "0.0000");
}

}  // namespace
}  // namespace kurs
