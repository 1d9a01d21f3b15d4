#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kurs/feed/feed_events.hpp"
#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"
#include "support/running_loop.hpp"

namespace kurs::testing {

/// Two symbols, BTCUSDT (0) and ETHUSDT (1), each silent after 60 % of `max_age`.
MarketMap make_map(Duration max_age);

/// A session of words: "tick 0" is a tick of symbol 0, "bad" a refusal, "bye", "soon" and "never"
/// farewells. Any other word is echoed.
class WordSession : public StreamSession {
public:
    using OnTime = std::function<Outcome(TimePoint)>;

    WordSession(std::vector<std::string> opening, OnTime on_time)
        : opening_(std::move(opening)), on_time_(std::move(on_time)) {}

    StreamRequest request() const override;
    const std::vector<SymbolId>& symbols() const override { return symbols_; }
    std::vector<std::string> on_open() override { return opening_; }
    Outcome on_frame(std::string_view frame, TimePoint received_at) override;
    Outcome on_time(TimePoint now) override { return on_time_ ? on_time_(now) : Outcome{}; }

private:
    std::vector<std::string> opening_;
    OnTime on_time_;
    std::vector<SymbolId> symbols_{SymbolId{0}, SymbolId{1}};
};

class WordVenue : public StreamVenue {
public:
    std::unique_ptr<StreamSession> make_session() override {
        ++sessions;
        return std::make_unique<WordSession>(opening, on_time);
    }

    std::vector<std::string> opening;
    WordSession::OnTime on_time;
    int sessions = 0;
};

/// Polls every `every` when needed, otherwise never. Each 200 is one tick.
class WordPoll : public PollSession {
public:
    TimePoint next_poll(bool is_needed) const override { return is_needed ? next_ : TimePoint::max(); }
    PollRequest make_request(TimePoint now) override;
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;
    void on_failure(TimePoint) override { ++failures; }

    Duration every{1};
    std::string target = "/simple/price?key=secret";
    std::vector<PollResponse> responses;
    int failures = 0;

private:
    TimePoint next_{};
};

/// Records the events of a feed.
struct Seen {
    FeedEvents events();

    bool has(FeedState state, std::string_view part_of_reason = "") const;
    std::size_t count(FeedState state) const;

    std::vector<Tick> ticks;
    std::vector<Refusal> refusals;
    std::vector<std::pair<FeedState, std::string>> states;
    std::vector<FeedFailure> failures;
};

Tick make_tick(SymbolId symbol, TimePoint observed_at);

}  // namespace kurs::testing
