#include "venues/okx/rest_poll.hpp"

#include <algorithm>

#include "kurs/venue/retry_after.hpp"

namespace kurs::okx {
namespace {

constexpr std::string_view no_such_instrument = "51001";
constexpr std::string_view too_many_requests = "50011";

}  // namespace

Outcome RestPoll::on_response(const PollResponse& response, TimePoint received_at) {
    if (response.status != 200) {
        auto outcome = failed(errc::venue_error, "status " + std::to_string(response.status), received_at);
        rests_until_ = std::max(rests_until_, received_at + rest_after_refusal(response, received_at));
        return outcome;
    }
    element document;
    if (parser_.parse(response.body).get(document) != simdjson::SUCCESS)
        return failed(errc::malformed, "broken JSON", received_at);
    Outcome outcome;
    const auto code = text_of(document, "code");
    if (code == no_such_instrument) {
        on_unknown(received_at, outcome);
        return outcome;
    }
    if (!code.empty() && code != "0") {
        outcome = failed(errc::venue_error, std::string(code) + " " + std::string(text_of(document, "msg")),
                         received_at);
        if (code == too_many_requests) rests_until_ = std::max(rests_until_, received_at + limited_rest);
        return outcome;
    }
    simdjson::dom::array data;
    if (document.at_key("data").get(data) != simdjson::SUCCESS || data.size() == 0)
        return failed(errc::malformed, "no data", received_at);
    backoff_.reset();
    read(data, received_at, outcome);
    return outcome;
}

void RestPoll::on_failure(TimePoint now) {
    rests_until_ = now + backoff_.next();
}

Outcome RestPoll::failed(errc reason, std::string_view what, TimePoint now) {
    on_failure(now);
    return refused(reason, what);
}

void RestPoll::refuse(SymbolId symbol, errc reason, std::string_view how, Outcome& outcome) const {
    outcome.refusals.push_back({reason, map().symbol(symbol).name + std::string(how)});
}

}  // namespace kurs::okx
