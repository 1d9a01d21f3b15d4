#include "venues/bybit/rest.hpp"

#include "kurs/venue/retry_after.hpp"

namespace kurs::bybit {
namespace {

constexpr BackoffLimits call_retry{std::chrono::seconds(2), std::chrono::minutes(1)};

/// The venue's ban of an address that asks too often lasts at least as long. A blocked region stays blocked.
constexpr Duration banned_rest = std::chrono::minutes(10);

constexpr std::int64_t bad_parameter_code = 10001;  ///< also the answer to an unknown symbol
constexpr std::int64_t rate_limit_code = 10006;
constexpr std::int64_t invalid_symbol_code = 10029;

}  // namespace

RestPoll::RestPoll(const MarketMap& map, std::vector<SymbolId> symbols, Duration every)
    : BackoffPoll(map, Backoff(call_retry, static_cast<std::uint64_t>(every.count()))),
      symbols_(std::move(symbols)),
      every_(every) {}

Outcome RestPoll::on_response(const PollResponse& response, TimePoint received_at) {
    if (response.status != 200) {
        // The feed reports the status: at the first failure, then once an hour.
        on_failure(received_at);
        const auto asked = retry_after(response, received_at);
        const bool is_refused = response.status == 403 || response.status == 451;
        const auto rest = is_refused ? banned_rest : response.status == 429 ? limited_rest : Duration{0};
        rest_until(received_at + asked.value_or(rest));
        return {};
    }
    element document, result;
    std::int64_t code = 0;
    const bool is_json = parser_.parse(response.body).get(document) == simdjson::SUCCESS;
    if (!is_json || document.at_key("retCode").get(code) != simdjson::SUCCESS)
        return failed(errc::malformed, "response", received_at);
    if (code != 0) return on_error(code, text_of(document, "retMsg"), received_at);
    if (document.at_key("result").get(result) != simdjson::SUCCESS || !result.is_object())
        return failed(errc::malformed, "no result", received_at);
    succeeded();
    call_at(received_at + every_);
    return read(result, received_at);
}

Outcome RestPoll::on_error(std::int64_t code, std::string_view message, TimePoint now) {
    const bool is_about_symbol = code == bad_parameter_code || code == invalid_symbol_code;
    if (is_about_symbol) {
        call_at(now + every_);
    } else {
        on_failure(now);
    }
    if (code == rate_limit_code) rest_until(now + limited_rest);
    return refused(errc::venue_error, std::to_string(code) + " " + std::string(message));
}

}  // namespace kurs::bybit
