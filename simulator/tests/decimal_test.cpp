#include "decimal.hpp"

#include <gtest/gtest.h>

#include "duration.hpp"
#include "rejected.hpp"

using namespace sim;

TEST(Decimal, IsWrittenWithEightDecimals) {
    EXPECT_EQ(to_string(amount("64117.99")), "64117.99000000");
    EXPECT_EQ(to_string(amount("0.00001")), "0.00001000");
    EXPECT_EQ(to_string(amount("1") - amount("2.5")), "-1.50000000");
}

TEST(Decimal, RefusesWhatIsNoPlainDecimal) {
    for (const char* text : {"", ".", "1.", ".5", "-1", "1e5", "1.123456789", "1,5", " 1", "99999999999"})
        EXPECT_FALSE(parse_amount(text)) << text;
}

TEST(Duration, HasAUnit) {
    EXPECT_EQ(parse_duration("200ms"), Millis{200});
    EXPECT_EQ(parse_duration("24h"), Millis{86'400'000});
    for (const char* text : {"", "5", "s", "-1s", "1d", "1.5s", "99999999999h"})
        EXPECT_THROW(parse_duration(text), Rejected) << text;
}
