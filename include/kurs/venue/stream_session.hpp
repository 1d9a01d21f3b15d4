#pragma once

#include <memory>
#include <string_view>

#include "kurs/venue/frame.hpp"

namespace kurs {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What the upgrade request of a stream asks for.
struct StreamRequest {
    std::string target;  ///< path and query, below the endpoint's own path
    Headers headers;
};

/// One websocket connection's worth of a venue's protocol, without a socket: bytes and time in, values out.
class StreamSession {
public:
    virtual ~StreamSession() = default;

    /// Asked once, before connecting.
    virtual StreamRequest request() const = 0;

    /// The symbols that this connection is expected to deliver, for the silence watchdog.
    virtual const std::vector<SymbolId>& symbols() const = 0;

    /// The frames to send once the connection is open.
    virtual std::vector<std::string> on_open() = 0;

    /// Never throws on bad input: it is refused in the outcome.
    virtual Outcome on_frame(std::string_view frame, TimePoint received_at) = 0;
};

/// Makes a fresh session for each connection, since none survives one.
class StreamVenue {
public:
    virtual ~StreamVenue() = default;
    virtual std::unique_ptr<StreamSession> make_session() = 0;
};

}  // namespace kurs
