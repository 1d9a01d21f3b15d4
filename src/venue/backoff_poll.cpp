#include "kurs/venue/backoff_poll.hpp"

#include "kurs/venue/retry_after.hpp"

namespace kurs {

void BackoffPoll::on_failure(TimePoint now) {
    is_failing_ = true;
    next_at_ = now + backoff_.next();
}

void BackoffPoll::succeeded() {
    is_failing_ = false;
    backoff_.reset();
}

Outcome BackoffPoll::failed(errc reason, std::string_view what, TimePoint now) {
    on_failure(now);
    return refused(reason, what);
}

Outcome BackoffPoll::failed(const PollResponse& response, std::string_view message, TimePoint now) {
    const auto status = "status " + std::to_string(response.status);
    auto outcome =
        failed(errc::venue_error, message.empty() ? status : status + " " + std::string(message), now);
    rest_until(now + rest_after_refusal(response, now));
    return outcome;
}

void BackoffPoll::refuse(SymbolId symbol, errc reason, std::string_view how, Outcome& outcome) const {
    outcome.refusals.push_back({reason, map_.symbol(symbol).name + std::string(how)});
}

}  // namespace kurs
