#include "venues/coinbase/rest_poll.hpp"

#include <algorithm>

#include "kurs/venue/retry_after.hpp"

namespace kurs::coinbase {

Outcome RestPoll::on_response(const PollResponse& response, TimePoint received_at) {
    element document;
    const bool is_object =
        parser_.parse(response.body).get(document) == simdjson::SUCCESS && document.is_object();
    const auto message = is_object ? text_of(document, "message") : std::string_view{};
    const bool is_unknown = response.status == 404 && message == "NotFound";
    if (response.status != 200 && !is_unknown) {
        auto text = "status " + std::to_string(response.status) + " " + std::string(message);
        if (message.empty()) text.pop_back();
        auto outcome = failed(errc::venue_error, text, received_at);
        rests_until_ = std::max(rests_until_, received_at + rest_after_refusal(response, received_at));
        return outcome;
    }
    if (!is_object) return failed(errc::malformed, "no object", received_at);
    backoff_.reset();
    is_failing_ = false;
    Outcome outcome;
    if (is_unknown) {
        on_unknown(received_at, outcome);
    } else {
        read(document, received_at, outcome);
    }
    return outcome;
}

void RestPoll::on_failure(TimePoint now) {
    is_failing_ = true;
    rests_until_ = now + backoff_.next();
}

Outcome RestPoll::failed(errc reason, std::string_view what, TimePoint now) {
    on_failure(now);
    return refused(reason, what);
}

void RestPoll::refuse(SymbolId symbol, errc reason, std::string_view how, Outcome& outcome) const {
    outcome.refusals.push_back({reason, map().symbol(symbol).name + std::string(how)});
}

}  // namespace kurs::coinbase
