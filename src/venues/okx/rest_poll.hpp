#pragma once

#include "kurs/venue/backoff_poll.hpp"
#include "venues/okx/rest.hpp"

namespace kurs::okx {

/// A poll of OKX's REST API: its form of errors, which may come with status 200.
class RestPoll : public BackoffPoll {
public:
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;

protected:
    explicit RestPoll(std::shared_ptr<Shared> shared)
        : BackoffPoll(shared->map(), Backoff({std::chrono::seconds(1), std::chrono::minutes(1)}, 1)),
          shared_(std::move(shared)) {}

    const Shared& shared() const { return *shared_; }
    Shared& shared() { return *shared_; }

    /// Takes the answer's data, which is not empty.
    virtual void read(simdjson::dom::array data, TimePoint received_at, Outcome& outcome) = 0;

    /// The venue does not know what was asked for.
    virtual void on_unknown(TimePoint now, Outcome& outcome) = 0;

private:
    std::shared_ptr<Shared> shared_;
    simdjson::dom::parser parser_;
};

}  // namespace kurs::okx
