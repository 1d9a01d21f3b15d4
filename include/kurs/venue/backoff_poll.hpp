#pragma once

#include <algorithm>

#include "kurs/domain/market_map.hpp"
#include "kurs/venue/backoff.hpp"
#include "kurs/venue/poll_session.hpp"

namespace kurs {

/// A poll of a REST API: its wait after a failure grows from one to the next, and is at least as long as the
/// venue asks.
class BackoffPoll : public PollSession {
public:
    TimePoint next_poll(bool /*is_needed*/) const override { return next_at_; }
    void on_failure(TimePoint now) override;

protected:
    /// `map` must outlive the poll.
    BackoffPoll(const MarketMap& map, Backoff backoff) : map_(map), backoff_(std::move(backoff)) {}

    const MarketMap& map() const { return map_; }

    /// No call before this.
    TimePoint next_at() const { return next_at_; }

    /// Whether there has been a failure since the newest success.
    bool is_failing() const { return is_failing_; }

    void call_at(TimePoint at) { next_at_ = at; }
    void rest_until(TimePoint at) { next_at_ = std::max(next_at_, at); }

    /// An answer shows that the API works.
    void succeeded();

    /// An answer is a failure.
    Outcome failed(errc reason, std::string_view what, TimePoint now);

    /// An answer has an error status. `message` is what the venue says about it, or empty.
    Outcome failed(const PollResponse& response, std::string_view message, TimePoint now);

    /// Refuses what the answer says about a symbol: "BTC-USD absent".
    void refuse(SymbolId symbol, errc reason, std::string_view how, Outcome& outcome) const;

private:
    const MarketMap& map_;
    Backoff backoff_;
    bool is_failing_ = false;
    TimePoint next_at_{};
};

}  // namespace kurs
