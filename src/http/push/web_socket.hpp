#pragma once

#include "http/push/client_socket.hpp"
#include "http/push/subscribers.hpp"

namespace kurs::http {

/// Accepts the upgrade and sends messages until the client leaves, says anything, does not take them, or the
/// service stops. The connection is at its end then.
ClientTask serve_web_socket(ClientSocket& socket, Subscribers::Place& place);

}  // namespace kurs::http
