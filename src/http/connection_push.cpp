// A connection whose client subscribes.
#include <utility>

#include "http/connection.hpp"
#include "http/push/event_stream.hpp"
#include "http/push/web_socket.hpp"

namespace kurs::http {

/// What was answered before has been sent.
Connection::Task Connection::subscribe() {
    auto subscription = *std::exchange(subscription_, std::nullopt);
    const bool is_web_socket = subscription.transport == Transport::web_socket;
    auto refusal = context_.subscribers.refusal(subscription);
    if (!refusal && is_web_socket && !in_.is_empty())
        refusal = Problem{400, "Something was sent before the connection was upgraded. Wait for the answer."};
    if (refusal) {
        auto reply = context_.service.refuse(*refusal);
        reply.route = subscription.route;
        co_return finish_request(reply, context_.clock.now());
    }
    Subscribers::Place place(context_.subscribers, subscription);
    is_last_ = true;
    note_answer(subscription.route, is_web_socket ? 101 : 200);
    if (!is_web_socket) {
        // Those who are cut off together come back one after the other.
        const auto retry = 1000 + 100 * (context_.subscribers.count() % 20);
        const auto head = std::exchange(subscription.head, {});
        append({200, head, "retry: " + std::to_string(retry) + "\n\n"}, context_.clock.now());
        send_at_once();
    }
    if (!out_.is_empty() && !failure_) co_await send_rest();
    if (failure_) co_return;
    // There are many subscribers, so they keep nothing of what only requests need.
    enter(Phase::subscribed, SteadyTime::max());
    in_ = {};
    out_ = {};
    parser_.close();
    if (is_web_socket) {
        co_await serve_web_socket(socket_, place);
    } else {
        co_await serve_event_stream(socket_, place);
    }
}

}  // namespace kurs::http
