#pragma once

#include "http/push/client_socket.hpp"
#include "http/push/subscribers.hpp"

namespace kurs::http {

/// Sends events until the client leaves, does not take them, or the service stops; the head has been sent.
/// The connection is at its end then.
ClientTask serve_event_stream(ClientSocket& socket, Subscribers::Place& place);

}  // namespace kurs::http
