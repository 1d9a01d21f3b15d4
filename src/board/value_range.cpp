#include "kurs/board/value_range.hpp"

#include <algorithm>

namespace kurs {

std::uint64_t in_ppm(u128 part, u128 whole) {
    constexpr u128 million = 1'000'000;
    constexpr int bits_of_million = 20;
    while (part >> (128 - bits_of_million) != 0) {
        part >>= bits_of_million;
        whole >>= bits_of_million;
    }
    if (whole == 0) return furthest_ppm;
    const u128 ppm = part * million / whole + (part * million % whole == 0 ? 0 : 1);
    return static_cast<std::uint64_t>(std::min<u128>(ppm, furthest_ppm));
}

std::uint64_t distance_ppm(u128 value, u128 from) {
    return in_ppm(value > from ? value - from : from - value, from);
}

void ValueRange::include(const ValueRange& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
}

std::uint64_t ValueRange::gap_ppm(const ValueRange& from) const {
    if (low > from.high) return distance_ppm(low, from.high);
    return high < from.low ? distance_ppm(high, from.low) : 0;
}

ValueRange median(std::span<ValueRange> ranges) {
    if (ranges.size() <= 2) {
        auto range = ranges.front();
        range.include(ranges.back());
        return range;
    }
    const auto lower = ranges.begin() + static_cast<std::ptrdiff_t>((ranges.size() - 1) / 2);
    const auto upper = ranges.begin() + static_cast<std::ptrdiff_t>(ranges.size() / 2);
    std::ranges::nth_element(ranges, lower, {}, &ValueRange::low);
    const auto low = lower->low;
    std::ranges::nth_element(ranges, upper, {}, &ValueRange::high);
    return {low, upper->high};
}

void RangeTrack::add(const ValueRange& range, TimePoint now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (!seconds_.empty() && seconds_.back().from == second) {
        seconds_.back().range.include(range);
    } else {
        seconds_.push_back({second, range});
    }
    while (seconds_.front().from < second - length) seconds_.pop_front();
}

void RangeTrack::widen(ValueRange& range, TimePoint since) const {
    for (auto second = seconds_.rbegin(); second != seconds_.rend(); ++second) {
        range.include(second->range);
        if (second->from <= since) return;
    }
}

}  // namespace kurs
