#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "kurs/exports/exports.hpp"
#include "kurs/venue/poll_session.hpp"

// Reserves that the exchanger's site reports.
namespace kurs::exports {

/// The newest amount of each source.
class ReserveBook {
public:
    struct Reserve {
        Rate amount;
        TimePoint stale_at{};
    };

    void set(std::size_t source, Reserve reserve);

    /// The source reports that nothing is left.
    void withdraw(std::size_t source);

    /// None if the source has reported no amount, or none within its limit.
    std::optional<Reserve> find(std::size_t source, TimePoint now) const;

    /// Counts the changes.
    std::uint64_t revision() const { return revision_; }

private:
    std::map<std::size_t, Reserve> reserves_;
    std::uint64_t revision_ = 0;
};

/// The number, or the decimal in quotes, to which a JSON pointer (RFC 6901) leads. Fails with `malformed`,
/// with `not_positive` on zero, with `overflow`. Decimals after the 18th are truncated.
result<Rate> read_reserve(std::string_view document, std::string_view pointer);

/// Polls a source. The age of an amount counts from the request.
class ReservePoll final : public PollSession {
public:
    /// Both must outlive the poll. `index` is the position of the source in `Exports::reserve_sources`.
    ReservePoll(const ReserveSource& source, std::size_t index, ReserveBook& book)
        : source_(source), index_(index), book_(book) {}

    TimePoint next_poll(bool /*is_needed*/) const override { return next_at_; }
    PollRequest make_request(TimePoint now) override;
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;
    void on_failure(TimePoint /*now*/) override {}

private:
    const ReserveSource& source_;
    std::size_t index_;
    ReserveBook& book_;
    TimePoint asked_at_{};
    TimePoint next_at_{};
};

}  // namespace kurs::exports
