#pragma once

#include <memory>

#include "server/push/subscribers.hpp"
#include "server/task.hpp"

namespace kurs::server {

// Tens of thousands of subscribers may wait for a change, so they have no tasks: frames would take more
// memory than all the rest. Each takes a place at once and joins in `run`. Both references must outlive it.

/// The response head has been sent before `run`.
std::unique_ptr<Subscriber> make_event_stream(Socket& socket, Subscribers& all,
                                              std::unique_ptr<const api::Subscription> subscription);

/// Accepts the upgrade first. Also ends if the client sends a message.
std::unique_ptr<Subscriber> make_web_socket(Socket& socket, Subscribers& all,
                                            std::unique_ptr<const api::Subscription> subscription);

}  // namespace kurs::server
