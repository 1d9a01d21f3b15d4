#include "venues/okx/rest_poll.hpp"

#include "kurs/venue/retry_after.hpp"

namespace kurs::okx {
namespace {

constexpr std::string_view no_such_instrument = "51001";
constexpr std::string_view too_many_requests = "50011";

}  // namespace

Outcome RestPoll::on_response(const PollResponse& response, TimePoint received_at) {
    if (response.status != 200) return failed(response, "", received_at);
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
        if (code == too_many_requests) rest_until(received_at + limited_rest);
        return outcome;
    }
    simdjson::dom::array data;
    if (document.at_key("data").get(data) != simdjson::SUCCESS || data.size() == 0)
        return failed(errc::malformed, "no data", received_at);
    succeeded();
    read(data, received_at, outcome);
    return outcome;
}

}  // namespace kurs::okx
