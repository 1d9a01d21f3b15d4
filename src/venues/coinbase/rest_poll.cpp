#include "venues/coinbase/rest_poll.hpp"

namespace kurs::coinbase {

Outcome RestPoll::on_response(const PollResponse& response, TimePoint received_at) {
    element document;
    const bool is_object =
        parser_.parse(response.body).get(document) == simdjson::SUCCESS && document.is_object();
    const auto message = is_object ? text_of(document, "message") : std::string_view{};
    const bool is_unknown = response.status == 404 && message == "NotFound";
    if (response.status != 200 && !is_unknown) return failed(response, message, received_at);
    if (!is_object) return failed(errc::malformed, "no object", received_at);
    succeeded();
    Outcome outcome;
    if (is_unknown) {
        on_unknown(received_at, outcome);
    } else {
        read(document, received_at, outcome);
    }
    return outcome;
}

}  // namespace kurs::coinbase
