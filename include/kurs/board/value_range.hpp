#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include "kurs/domain/rate.hpp"
#include "kurs/domain/time.hpp"

namespace kurs {

/// `part` in millionths of `whole`, rounded up, at most `furthest_ppm`.
std::uint64_t in_ppm(u128 part, u128 whole);

/// The distance between two values in millionths of `from`.
std::uint64_t distance_ppm(u128 value, u128 from);

inline constexpr std::uint64_t furthest_ppm = 1'000'000'000'000;

/// The values from `low` to `high`, in units of Rate.
struct ValueRange {
    u128 low = 0;
    u128 high = 0;

    void include(const ValueRange& other);

    /// The distance of the nearest ends, zero if the ranges overlap.
    std::uint64_t gap_ppm(const ValueRange& from) const;
};

/// The range from the median of the lower ends to the median of the upper ones. Of an even number of ends,
/// the outer one of the two in the middle counts: the median of two values is the range between them.
/// `ranges` is not empty, and is reordered.
ValueRange median(std::span<ValueRange> ranges);

/// What a value has been in the last five minutes, by second.
class RangeTrack {
public:
    static constexpr Duration length = std::chrono::minutes(5);

    void add(const ValueRange& range, TimePoint now);

    /// Includes in `range` what the value was at `since` and after it, as far as known.
    void widen(ValueRange& range, TimePoint since) const;

    void clear() { seconds_.clear(); }

private:
    struct Second {
        TimePoint from{};
        ValueRange range;
    };
    std::deque<Second> seconds_;
};

}  // namespace kurs
