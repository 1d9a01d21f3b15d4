#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "kurs/feed/line_end.hpp"
#include "kurs/feed/stream_feed.hpp"

namespace kurs {

/// An open websocket, plain or over TLS. One read and one write may be pending at a time. Dropped whole:
/// nothing of it may be pending then.
class StreamConnection {
public:
    virtual ~StreamConnection() = default;

    /// Reads one message into frame(). Nothing, or why there are no more. Answers pings meanwhile.
    virtual net::awaitable<std::optional<LineEnd>> read() = 0;

    /// The message that was read last; valid until the next read.
    virtual std::string_view frame() const = 0;

    /// Sends a text frame, which must live until then.
    virtual net::awaitable<std::optional<LineEnd>> write(std::string_view text) = 0;

    /// Ends whatever is pending, surely: Beast does not notice a cancellation that comes between two of its
    /// steps.
    virtual void hang_up() = 0;

    /// Called for each ping, pong and close frame. A ping's pong goes out by itself.
    virtual void on_control(std::function<void(bool is_ping)> heard) = 0;
};

using OpenedStream = boost::system::result<std::unique_ptr<StreamConnection>, LineEnd>;

/// Connects and upgrades, each step within its limit. `feed` outlives the call.
net::awaitable<OpenedStream> open_stream(const StreamFeed& feed, Endpoint endpoint, StreamRequest request);

}  // namespace kurs
