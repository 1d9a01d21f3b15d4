#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs {

/// The remaining requests of a metered venue. Outlives the sessions that spend it. Replicas exchange it as
/// text that only the venue's code understands.
class CreditBudget {
public:
    virtual ~CreditBudget() = default;

    virtual std::string to_text() const = 0;

    /// Replaces the local state. Ignores malformed text.
    virtual void adopt(std::string_view text) = 0;

    /// Merges the spending of another replica into the local state. Ignores malformed text.
    virtual void join(std::string_view text) = 0;

    /// From now on `count` replicas, including this one, spend the plan's credits independently.
    virtual void share_among(int count) = 0;

    /// None if the plan does not count credits.
    virtual std::optional<std::int64_t> credits_left(TimePoint now) const = 0;

    /// Whether the venue has rate-limited requests.
    virtual bool is_resting(TimePoint now) const = 0;
};

}  // namespace kurs
