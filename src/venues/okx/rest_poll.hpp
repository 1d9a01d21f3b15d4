#pragma once

#include "kurs/venue/backoff.hpp"
#include "venues/okx/rest.hpp"

namespace kurs::okx {

/// A poll of OKX's REST API: its form of errors, which may come with status 200.
class RestPoll : public PollSession {
public:
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;
    void on_failure(TimePoint now) override;

protected:
    explicit RestPoll(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    const Shared& shared() const { return *shared_; }
    Shared& shared() { return *shared_; }
    const MarketMap& map() const { return shared_->map(); }

    /// Not before this: a call has failed.
    TimePoint rests_until() const { return rests_until_; }

    /// Takes the answer's data, which is not empty.
    virtual void read(simdjson::dom::array data, TimePoint received_at, Outcome& outcome) = 0;

    /// The venue does not know what was asked for.
    virtual void on_unknown(TimePoint now, Outcome& outcome) = 0;

    void refuse(SymbolId symbol, errc reason, std::string_view how, Outcome& outcome) const;

private:
    Outcome failed(errc reason, std::string_view what, TimePoint now);

    std::shared_ptr<Shared> shared_;
    Backoff backoff_{{std::chrono::seconds(1), std::chrono::minutes(1)}, 1};
    TimePoint rests_until_{};
    simdjson::dom::parser parser_;
};

}  // namespace kurs::okx
