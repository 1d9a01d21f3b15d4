#pragma once

#include "server/push/subscribers.hpp"
#include "server/task.hpp"

namespace kurs::server {

// Both send messages until the client leaves, does not take them, or the service stops. The connection is at
// its end then.

/// The head of the response has been sent.
Task serve_event_stream(Socket& socket, Subscribers::Place& place);

/// Accepts the upgrade first. Ends also if the client says anything.
Task serve_web_socket(Socket& socket, Subscribers::Place& place);

}  // namespace kurs::server
