#pragma once

#include "kurs/tape/reader.hpp"
#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs::tape {

/// Records what the sessions of one connection receive. The references must outlive it.
class TapedStream final : public StreamVenue {
public:
    TapedStream(StreamVenue& venue, Tape& tape, std::size_t feed) : venue_(venue), tape_(tape), feed_(feed) {}

    std::unique_ptr<StreamSession> make_session() override;
    void set_trading(SymbolId symbol, bool is_trading) override { venue_.set_trading(symbol, is_trading); }

private:
    StreamVenue& venue_;
    Tape& tape_;
    std::size_t feed_;
};

/// Records what a poll receives. The references must outlive it.
class TapedPoll final : public PollSession {
public:
    TapedPoll(PollSession& session, Tape& tape, std::size_t feed)
        : session_(session), tape_(tape), feed_(feed) {}

    TimePoint next_poll(bool is_needed) const override { return session_.next_poll(is_needed); }
    PollRequest make_request(TimePoint now) override;
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;
    void on_failure(TimePoint now) override;

private:
    PollSession& session_;
    Tape& tape_;
    std::size_t feed_;
};

/// A response as a payload, and back.
std::string to_text(const PollResponse& response);
Result<PollResponse> parse_response(std::string_view text);

}  // namespace kurs::tape
