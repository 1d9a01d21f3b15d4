#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "kurs/feed/connection_end.hpp"
#include "kurs/feed/stream_feed.hpp"

namespace kurs {

/// An open WebSocket, plain or over TLS. One read and one write may be pending at a time. No operation may be
/// pending when it is destroyed.
class StreamConnection {
public:
    virtual ~StreamConnection() = default;

    /// Reads one message into frame() and answers pings. Returns none on success, else why the connection
    /// ended.
    virtual net::awaitable<std::optional<ConnectionEnd>> read() = 0;

    /// The last message read; valid until the next read.
    virtual std::string_view frame() const = 0;

    /// Sends a text frame. `text` must outlive the call.
    virtual net::awaitable<std::optional<ConnectionEnd>> write(std::string_view text) = 0;

    /// Ends all pending operations by closing the socket: Beast does not notice a cancellation between two of
    /// its steps.
    virtual void hang_up() = 0;

    /// Sets a callback for ping, pong and close frames. Pings are answered automatically.
    virtual void on_control(std::function<void(bool is_ping)> heard) = 0;
};

using OpenedStream = boost::system::result<std::unique_ptr<StreamConnection>, ConnectionEnd>;

/// Connects and upgrades, with a timeout for each step. `feed` must outlive the call.
net::awaitable<OpenedStream> open_stream(const StreamFeed& feed, Endpoint endpoint, StreamRequest request);

}  // namespace kurs
