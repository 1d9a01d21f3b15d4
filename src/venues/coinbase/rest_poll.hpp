#pragma once

#include "kurs/venue/backoff_poll.hpp"
#include "venues/coinbase/frame_text.hpp"
#include "venues/coinbase/rest.hpp"

namespace kurs::coinbase {

/// The pace of calls.
inline constexpr Duration calls_every{250};

/// A poll of the Exchange's REST API about one product after the other: its form of errors, and its limit of
/// 10 calls a second.
class RestPoll : public BackoffPoll {
public:
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;

protected:
    explicit RestPoll(std::shared_ptr<Shared> shared)
        : BackoffPoll(shared->map(), Backoff({std::chrono::seconds(1), std::chrono::minutes(1)}, 1)),
          shared_(std::move(shared)) {}

    const Shared& shared() const { return *shared_; }
    Shared& shared() { return *shared_; }

    /// Takes a successful answer, which is an object.
    virtual void read(const element& answer, TimePoint received_at, Outcome& outcome) = 0;

    /// The venue does not know the product that was asked for.
    virtual void on_unknown(TimePoint now, Outcome& outcome) = 0;

private:
    std::shared_ptr<Shared> shared_;
    simdjson::dom::parser parser_;
};

}  // namespace kurs::coinbase
