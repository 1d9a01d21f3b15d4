#include "kurs/alerts/signature.hpp"

#include <gtest/gtest.h>

namespace kurs::alerts {
namespace {

using namespace std::chrono_literals;

constexpr auto known = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
constexpr auto other = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY4";

TEST(Secrets, SignAsTheStandardSays) {
    const auto sign = [](std::string_view secrets) {
        return Secrets::parse(secrets)->sign("msg_1", "1700000000", R"({"type":"rate.stale"})");
    };
    const std::string expected = "v1,i3/L3jef1/iR1ZQKCp8pRQe9eG3VeWHvE67FEPCAlO0=";
    EXPECT_EQ(sign(known), expected);
    const auto both = sign(std::string(other) + "," + known);
    EXPECT_TRUE(both.starts_with("v1,")) << both;
    EXPECT_TRUE(both.ends_with(" " + expected)) << "while one secret replaces the other";
}

TEST(Secrets, MayEndWithPadding) {
    const auto sign = [](std::string_view secret) {
        return Secrets::parse(secret)->sign("msg_1", "1700000000", R"({"type":"rate.stale"})");
    };
    EXPECT_EQ(sign("whsec_MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSA=="),
              "v1,wdLV79BRcx0RvHaVci16JMxWBYk2NzDF9Sa90sJ+Kmg=");
    EXPECT_EQ(sign("whsec_MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSEk="),
              "v1,IF4Vgv0PpEe5u/DqRCxjq8PviXAV2QWHvU2ac5Ydow0=");
}

TEST(Secrets, AreRandomBytesInBase64) {
    for (const auto& text : {std::string(), std::string("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"),
                             std::string("whsec_"), std::string("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY"),
                             std::string("whsec_c2hvcnQ="), "whsec_" + std::string(88, 'A'),
                             std::string(known) + ",", std::string(known) + "," + known + "," + other,
                             std::string("whsec_MDEyMzQ1Njc4OWFiY2Rl!jAxMjM0NTY3")}) {
        const auto parsed = Secrets::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_TRUE(parsed.error().starts_with("must be whsec_ and base64 of 24 to 64 bytes"));
    }
    EXPECT_TRUE(Secrets::parse("whsec_" + std::string(86, 'A') + "=="));
}

TEST(Timestamp, IsInWholeSeconds) {
    EXPECT_EQ(timestamp_of(TimePoint(1'700'000'000'999ms)), "1700000000");
}

}  // namespace
}  // namespace kurs::alerts
