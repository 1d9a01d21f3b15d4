#pragma once

#include "server/push/subscribers.hpp"
#include "server/task.hpp"

namespace kurs::server {

// Both send messages until the client leaves, does not accept them, or the service stops. The connection is
// finished then.

/// The response head has been sent.
Task serve_event_stream(Socket& socket, Subscribers::Place& place);

/// Accepts the upgrade first. Also ends if the client sends a message.
Task serve_web_socket(Socket& socket, Subscribers::Place& place);

}  // namespace kurs::server
