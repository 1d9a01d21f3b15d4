#include <charconv>

#include "venues/coingecko/pacing.hpp"

namespace kurs::coingecko {
namespace {

constexpr std::string_view unknown = "-";

std::string text_of(std::optional<std::int64_t> number) {
    return number ? std::to_string(*number) : std::string(unknown);
}

/// Removes the next word from the text and returns it.
std::string_view next_word(std::string_view& text) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

result<std::optional<std::int64_t>> parse_number(std::string_view word) {
    if (word == unknown) return std::nullopt;
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || stop != word.data() + word.size()) return errc::malformed;
    return number;
}

/// Milliseconds: saved credits, last call, rate-limited until.
result<Spending> parse(std::string_view text) {
    const auto saved = parse_number(next_word(text));
    const auto last_call = parse_number(next_word(text));
    const auto resting_until = parse_number(next_word(text));
    if (!saved || !last_call || !resting_until || !text.empty()) return errc::malformed;
    Spending spending;
    if (*saved) spending.saved = Duration{**saved};
    if (*last_call) spending.last_call = TimePoint{Duration{**last_call}};
    spending.resting_until = TimePoint{Duration{resting_until->value_or(0)}};
    return spending;
}

}  // namespace

std::string Budget::to_text() const {
    std::optional<std::int64_t> saved;
    std::optional<std::int64_t> last_call;
    if (spending_.saved) saved = spending_.saved->count();
    if (spending_.last_call) last_call = spending_.last_call->time_since_epoch().count();
    return text_of(saved) + " " + text_of(last_call) + " " +
           text_of(spending_.resting_until.time_since_epoch().count());
}

void Budget::adopt(std::string_view text) {
    auto read = parse(text);
    if (!read) return;
    read->spenders = spending_.spenders;
    spending_ = *read;
}

void Budget::join(std::string_view text) {
    if (const auto read = parse(text)) spending_.join(*read);
}

std::optional<std::int64_t> Budget::credits_left(TimePoint now) const {
    auto known = spending_;
    const Pacing pacing(plan_, known);
    if (pacing.credit_every() == Duration{0}) return std::nullopt;
    return pacing.saved(now) / pacing.credit_every();
}

}  // namespace kurs::coingecko
