#include "kurs/venue/backoff.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsCeilingWithinItsJitter) {
    Backoff backoff({1s, 10s}, 7);
    for (const Duration step : {1s, 2s, 4s, 8s, 10s, 10s}) {
        const auto wait = backoff.next();
        EXPECT_GE(wait, step / 2);
        EXPECT_LE(wait, step);
    }
}

TEST(Backoff, RestartsAfterAReset) {
    Backoff backoff({1s, 10s}, 7);
    for (int i = 0; i < 5; ++i) backoff.next();
    backoff.reset();
    EXPECT_LE(backoff.next(), 1s);
}

TEST(Backoff, SpreadsReplicas) {
    Backoff one({10s, 10s}, 1), other({10s, 10s}, 99);
    EXPECT_NE(one.next(), other.next());
}

}  // namespace
}  // namespace kurs
