#pragma once

#include <string_view>

#include "kurs/venue/stream_session.hpp"

namespace kurs {

struct PollRequest {
    std::string target;  ///< path and query, appended to the endpoint's path
    Headers headers;
};

/// An HTTP response. `headers` are as received; names are case-insensitive.
struct PollResponse {
    int status = 0;
    Headers headers;
    std::string body;

    /// Empty if the header is absent.
    std::string_view header(std::string_view name) const;
};

/// The protocol of a venue that is polled over HTTP, without a socket. It decides when the next request is
/// due.
class PollSession {
public:
    virtual ~PollSession() = default;

    /// When the next request is due. `is_needed`: the values are needed now, rather than as a standby.
    virtual TimePoint next_poll(bool is_needed) const = 0;

    /// Called just before the request is sent. The request counts against the plan's limits whatever its
    /// result.
    virtual PollRequest make_request(TimePoint now) = 0;

    virtual Outcome on_response(const PollResponse& response, TimePoint received_at) = 0;

    /// Called if there was no response, for example because of a refused connection or a timeout.
    virtual void on_failure(TimePoint now) = 0;
};

}  // namespace kurs
