#pragma once

#include "kurs/venue/backoff.hpp"
#include "venues/coinbase/frame_text.hpp"
#include "venues/coinbase/rest.hpp"

namespace kurs::coinbase {

/// The pace of calls, and how long a product that the venue does not know is left alone.
inline constexpr Duration calls_every{250};
inline constexpr Duration unknown_rest = std::chrono::minutes(10);

/// A poll of the Exchange's REST API about one product after the other: its form of errors, and its limit of
/// 10 calls a second.
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
    bool is_failing() const { return is_failing_; }

    /// Takes a successful answer, which is an object.
    virtual void read(const element& answer, TimePoint received_at, Outcome& outcome) = 0;

    /// The venue does not know the product that was asked for.
    virtual void on_unknown(TimePoint now, Outcome& outcome) = 0;

    void refuse(SymbolId symbol, errc reason, std::string_view how, Outcome& outcome) const;

private:
    Outcome failed(errc reason, std::string_view what, TimePoint now);

    std::shared_ptr<Shared> shared_;
    Backoff backoff_{{std::chrono::seconds(1), std::chrono::minutes(1)}, 1};
    bool is_failing_ = false;
    TimePoint rests_until_{};
    simdjson::dom::parser parser_;
};

}  // namespace kurs::coinbase
