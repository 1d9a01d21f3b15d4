#pragma once

#include <array>
#include <optional>
#include <string>

#include "kurs/venue/frame.hpp"

namespace kurs {

/// Counts refused values by reason and reports them at most once per period.
class RefusalCount {
public:
    explicit RefusalCount(Duration report_every = Duration{10'000}) : report_every_(report_every) {}

    void add(const Refusal& refusal);

    /// Returns "12 values: malformed 10, crossed 2 (last: BTCUSDT)" and resets the count. None if nothing was
    /// counted or the last report is too recent.
    std::optional<std::string> report(TimePoint now);

private:
    Duration report_every_;
    std::array<std::size_t, errc_count> counts_{};
    std::size_t total_ = 0;
    std::string last_;
    TimePoint next_report_at_{};
};

}  // namespace kurs
