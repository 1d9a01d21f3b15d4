#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clock.hpp"
#include "http_message.hpp"

namespace sim {

/// A WebSocket message to be written.
struct Frame {
    std::string text;
    bool is_binary = false;
    bool is_fragmented = false;
    Millis delay{0};
    bool may_be_overtaken = false;  ///< a delayed response does not block the ones behind it
};

/// How the server closes a connection.
struct Ending {
    enum class How { close_frame, drop, reset };  ///< with a close frame, by a bare FIN, by a RST
    How how = How::close_frame;
    std::uint16_t code = 1000;
    std::string reason = {};
};

/// The interface of a connection for its session. Nothing blocks: everything is queued.
class Peer {
public:
    virtual ~Peer() = default;
    virtual void send(Frame frame) = 0;
    virtual void ping(std::string payload) = 0;
    virtual void end(Ending ending) = 0;
    /// Sends nothing, not even pongs, like a network that drops packets.
    virtual void hold_writes(bool hold) = 0;
};

/// The protocol of one connection.
class StreamSession {
public:
    virtual ~StreamSession() = default;
    virtual void on_text(std::string_view text, Instant now) = 0;
    virtual void on_ping(Instant now) = 0;
    virtual void on_pong(std::string_view payload, Instant now) = 0;
    /// Called every few milliseconds.
    virtual void advance(Instant now) = 0;
};

/// A stream service: accepts upgrades and opens sessions.
class StreamService {
public:
    virtual ~StreamService() = default;
    /// None accepts the upgrade. Otherwise the response to send instead.
    virtual std::optional<Reply> refusal(const Request& request, int line, Instant now) = 0;
    virtual std::unique_ptr<StreamSession> open(const Request& request, Peer& peer, int line,
                                                Instant now) = 0;
};

}  // namespace sim
