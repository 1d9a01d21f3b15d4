#include <gtest/gtest.h>

#include "kurs/domain/feed_report.hpp"
#include "kurs/domain/pricing_report.hpp"

namespace kurs {
namespace {

TEST(FeedState, IsParsedFromItsName) {
    for (const auto state : {FeedState::waiting, FeedState::live, FeedState::backing_off})
        EXPECT_EQ(parse_feed_state(to_string(state)).value(), state);
    EXPECT_EQ(parse_feed_state("dead").error(), errc::malformed);
}

TEST(SourceState, IsParsedFromItsName) {
    for (const auto state : {SourceState::used, SourceState::stale, SourceState::incomplete})
        EXPECT_EQ(parse_source_state(to_string(state)).value(), state);
    EXPECT_EQ(parse_source_state("unused").error(), errc::malformed);
}

}  // namespace
}  // namespace kurs
