#pragma once

#include <string_view>

#include "kurs/venue/stream_session.hpp"

namespace kurs {

struct PollRequest {
    std::string target;  ///< path and query, below the endpoint's own path
    Headers headers;
};

/// An HTTP answer. `headers` are as received; names are compared without regard to case.
struct PollResponse {
    int status = 0;
    Headers headers;
    std::string body;

    /// Empty where the header is absent.
    std::string_view header(std::string_view name) const;
};

/// A venue that is asked by HTTP, without a socket. It says itself when it may be asked again.
class PollSession {
public:
    virtual ~PollSession() = default;

    /// When the next request is due. `is_needed`: its values are wanted now, not only as a standby.
    virtual TimePoint next_poll(bool is_needed) const = 0;

    /// Called right before the request is sent: it counts against the plan's limits whatever becomes of it.
    virtual PollRequest make_request(TimePoint now) = 0;

    virtual Outcome on_response(const PollResponse& response, TimePoint received_at) = 0;

    /// No answer came: connection refused, time limit exceeded.
    virtual void on_failure(TimePoint now) = 0;
};

}  // namespace kurs
