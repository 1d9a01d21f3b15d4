#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "kurs/venue/frame.hpp"

namespace kurs {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The upgrade request of a stream.
struct StreamRequest {
    std::string target;  ///< path and query, appended to the endpoint's path
    Headers headers;
};

/// The venue's protocol for one WebSocket connection, without a socket: bytes and time in, values out.
class StreamSession {
public:
    virtual ~StreamSession() = default;

    /// Called once, before connecting.
    virtual StreamRequest request() const = 0;

    /// The symbols that this connection must deliver, for the silence watchdog.
    virtual const std::vector<SymbolId>& symbols() const = 0;

    /// Frames to send when the connection is open.
    virtual std::vector<std::string> on_open() = 0;

    /// Never throws on bad input; the outcome refuses it.
    virtual Outcome on_frame(std::string_view frame, TimePoint received_at) = 0;

    /// Called a few times a second, whether or not frames arrive: for what is due by time alone.
    virtual Outcome on_time(TimePoint) { return {}; }
};

/// Creates a session for each connection.
class StreamVenue {
public:
    virtual ~StreamVenue() = default;
    virtual std::unique_ptr<StreamSession> make_session() = 0;

    /// Sets whether the venue trades the symbol. New sessions leave out symbols that are not traded, and open
    /// sessions end.
    virtual void set_trading(SymbolId, bool) {}
};

/// Creates sessions by a function. `set_trading` changes nothing: a session that leaves out symbols knows
/// which.
class StreamSessions final : public StreamVenue {
public:
    using MakeSession = std::function<std::unique_ptr<StreamSession>()>;

    explicit StreamSessions(MakeSession make_session) : make_session_(std::move(make_session)) {}

    std::unique_ptr<StreamSession> make_session() override { return make_session_(); }

private:
    MakeSession make_session_;
};

}  // namespace kurs
