#include "kurs/venue/venue_time.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

TEST(VenueTime, IsExactToTheMicrosecond) {
    const auto milliseconds = static_cast<std::uint64_t>(noon.time_since_epoch().count());
    const std::vector<std::pair<const char*, std::uint64_t>> times{{"2026-11-21T12:00:00Z", 0},
                                                                   {"2026-11-21T12:00:00.5Z", 500'000},
                                                                   {"2026-11-21T12:00:00.123Z", 123'000},
                                                                   {"2026-11-21T12:00:00.123456Z", 123'456},
                                                                   {"2026-11-21T12:00:00.1234569Z", 123'456},
                                                                   {"2026-11-21T12:00:00.000001Z", 1},
                                                                   {"2026-11-21T12:00:00.000956Z", 956},
                                                                   {"2026-11-21T14:00:00.000010+02:00", 10}};
    for (const auto& [text, microseconds] : times) {
        const auto time = parse_venue_time(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(time->microseconds, milliseconds * 1000 + microseconds) << text;
        EXPECT_EQ(time->at, noon + Duration{microseconds / 1000}) << text;
    }
}

TEST(VenueTime, BeginsIn1970) {
    EXPECT_EQ(parse_venue_time("1970-01-01T00:00:00Z")->microseconds, 0U);
}

TEST(VenueTime, OfAnotherFormIsMalformed) {
    for (const auto* text : {"", "2026-11-21T12:00:00", "2026-11-21", "1795262400", "2026-11-21T12:00:00.Z",
                             "2026-11-21T12:00:00.12e4Z", "1969-12-31T23:59:59Z"})
        EXPECT_EQ(parse_venue_time(text).error(), errc::malformed) << text;
}

}  // namespace
}  // namespace kurs
