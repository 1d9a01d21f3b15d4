#include "postgres/session.hpp"

#include <utility>

namespace kurs::postgres {

Session::Session(std::string url, ConnectionLimits limits) : url_(std::move(url)), limits_(limits) {}

void Session::prepare_call() {
    has_lost_connection_ = false;
    // The last call may have been tripped when its work was done already: it succeeded, but left no
    // connection.
    if (breaker_.state() != Breaker::State::whole) drop_connection();
}

Connection& Session::connection() {
    if (connection_) return *connection_;
    auto fresh = std::make_unique<Connection>(url_, limits_);
    breaker_.watch(fresh->sock());
    connection_ = std::move(fresh);
    return *connection_;
}

StoreFailure Session::end_failed_call() {
    auto failure = describe_failure();
    const auto state = breaker_.state();
    has_lost_connection_ = state == Breaker::State::whole && connection_ && !connection_->is_open();
    if (has_lost_connection_ && !failure.is_permanent) {
        const auto reason = connection_->why_lost();
        if (!reason.empty()) failure.text = first_line(reason);
    }
    drop_connection();
    if (state == Breaker::State::interrupted) return {"interrupted"};
    if (state == Breaker::State::overdue) return {"no answer in time", false, true};
    return failure;
}

void Session::drop_connection() {
    breaker_.unwatch();
    connection_.reset();
}

}  // namespace kurs::postgres
