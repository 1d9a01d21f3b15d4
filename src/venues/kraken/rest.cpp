#include "venues/kraken/rest.hpp"

#include <algorithm>

#include "kurs/domain/whole_number.hpp"
#include "kurs/venue/retry_after.hpp"
#include "venues/kraken/pair_names.hpp"

namespace kurs::kraken {
namespace {

using simdjson::dom::element;

constexpr BackoffLimits call_retry{std::chrono::seconds(2), std::chrono::minutes(1)};
constexpr Duration between_questions = std::chrono::seconds(1);
constexpr Duration longest_rest = std::chrono::hours(1);

/// The first error of an answer, or empty. Kraken sends errors with status 200. A text that begins with W is
/// a warning.
std::string_view error_of(const element& document) {
    simdjson::dom::array errors;
    if (document.at_key("error").get(errors) != simdjson::SUCCESS) return {};
    for (const element& each : errors) {
        std::string_view text;
        if (each.get(text) != simdjson::SUCCESS) return "unreadable error";
        if (!text.starts_with('W')) return text.empty() ? "empty error" : text;
    }
    return {};
}

/// "EService: Throttled: 1688669448": no call before that second.
std::optional<TimePoint> throttled_until(std::string_view error) {
    constexpr std::string_view mark = "Throttled: ";
    const auto at = error.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    const auto seconds = parse_whole_number<std::uint32_t>(error.substr(at + mark.size()));
    if (!seconds) return std::nullopt;
    return TimePoint{std::chrono::seconds(*seconds)};
}

bool is_limit(std::string_view error) {
    return error.find("Rate limit") != std::string_view::npos ||
           error.find("Throttled") != std::string_view::npos;
}

}  // namespace

RestPoll::RestPoll(const MarketMap& map, Duration every)
    : BackoffPoll(map, Backoff(call_retry, static_cast<std::uint64_t>(every.count()))), every_(every) {}

PollRequest RestPoll::make_request(TimePoint now) {
    if (questions_.empty()) questions_ = questions();
    asked_at_ = now;
    return {target(questions_.front()), {}};
}

Outcome RestPoll::on_response(const PollResponse& response, TimePoint received_at) {
    const bool is_one_of_several = response.status == 404 && questions_.size() > 1;
    if (is_one_of_several) return failed(errc::venue_error, "status 404", received_at);
    if (response.status != 200) return failed(response, "", received_at);
    element document, result;
    if (parser_.parse(response.body).get(document) != simdjson::SUCCESS)
        return failed(errc::malformed, "broken JSON", received_at);
    if (const auto error = error_of(document); !error.empty()) return on_error(error, received_at);
    if (document.at_key("result").get(result) != simdjson::SUCCESS || !result.is_object())
        return failed(errc::malformed, "no result", received_at);
    Outcome outcome;
    read(result, questions_.front(), asked_at_, outcome);
    questions_.pop_front();
    answered(received_at);
    return outcome;
}

/// Something that a mirror does not answer must not keep the other questions from being asked. A failed
/// question is put behind them, and dropped if it is the last: the next round begins with it in its place.
void RestPoll::on_failure(TimePoint now) {
    BackoffPoll::on_failure(now);
    if (questions_.empty()) return;
    auto question = std::move(questions_.front());
    questions_.pop_front();
    if (!questions_.empty()) questions_.push_back(std::move(question));
}

Outcome RestPoll::on_error(std::string_view error, TimePoint now) {
    auto& question = questions_.front();
    const bool is_about_pair = error.starts_with("EQuery:Unknown") && !question.empty();
    if (!is_about_pair) {
        auto outcome = failed(errc::venue_error, error, now);
        if (is_limit(error)) rest_until(now + limited_rest);
        if (const auto until = throttled_until(error)) rest_until(std::min(*until, now + longest_rest));
        return outcome;
    }
    Outcome outcome;
    const auto symbols = std::move(question);
    questions_.pop_front();
    if (symbols.size() == 1) {
        on_unknown_pair(symbols.front(), outcome);
    } else {
        for (const SymbolId symbol : symbols) questions_.push_back({symbol});
    }
    answered(now);
    return outcome;
}

void RestPoll::answered(TimePoint now) {
    succeeded();
    call_at(now + (questions_.empty() ? every_ : between_questions));
}

std::string RestPoll::pair_list(const Symbols& symbols) const {
    std::string list;
    for (const SymbolId symbol : symbols) {
        list += (list.empty() ? "" : "%2C") + rest_name(map().symbol(symbol).name);
    }
    return list;
}

simdjson::simdjson_result<element> RestPoll::find(const element& answer, SymbolId symbol) const {
    for (const auto& name : answer_names(map().symbol(symbol).name)) {
        auto found = answer.at_key(name);
        if (found.error() == simdjson::SUCCESS) return found;
    }
    return simdjson::NO_SUCH_FIELD;
}

}  // namespace kurs::kraken
