#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http_message.hpp"

namespace sim {

/// The subscription of one connection.
struct Subscriptions {
    bool combined = false;
    bool microseconds = false;
    std::vector<std::string> names;  ///< in the order of subscription, each once

    bool contains(std::string_view name) const;
};

/// Reads /ws, /ws/a/b, /stream and /stream?streams=a/b with their timeUnit. None for any other path.
std::optional<Subscriptions> parse_stream_request(const Request& request);

/// Executes a command of the client and returns the response to send.
std::string answer_command(std::string_view text, Subscriptions& subscriptions);

/// The payload in the envelope of the connection.
std::string in_envelope(const Subscriptions& subscriptions, std::string_view name, std::string_view payload);

}  // namespace sim
