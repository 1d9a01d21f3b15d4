#include "kurs/domain/time_text.hpp"

#include <cstdint>
#include <optional>

namespace kurs {
namespace {

using namespace std::chrono_literals;

/// Reads text from the front. The first mismatch makes the reader fail permanently.
class TextReader {
public:
    explicit TextReader(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int number = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!has_digit()) return fail();
            number = number * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return number;
    }

    bool take(std::string_view any_of) {
        if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
        taken_ = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }

    void expect(std::string_view any_of) {
        if (!take(any_of)) fail();
    }

    bool has_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
    char taken() const { return taken_; }
    bool is_done() const { return !has_failed_ && rest_.empty(); }

private:
    int fail() {
        has_failed_ = true;
        return 0;
    }

    std::string_view rest_;
    char taken_ = 0;
    bool has_failed_ = false;
};

void put_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t number) {
    for (std::size_t place = at + count; place-- > at; number /= 10)
        text[place] = static_cast<char>('0' + number % 10);
}

Duration read_fraction(TextReader& text) {
    Duration fraction{0};
    if (!text.take(".")) return fraction;
    int digit = text.digits(1);
    for (int unit = 100;; unit /= 10) {
        fraction += Duration{digit * unit};
        if (!text.has_digit()) return fraction;
        digit = text.digits(1);
    }
}

std::optional<std::chrono::minutes> read_offset(TextReader& text) {
    if (text.take("Zz")) return 0min;
    text.expect("+-");
    const bool is_behind = text.taken() == '-';
    const auto hours = text.digits(2);
    text.expect(":");
    const auto minutes = text.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return is_behind ? -offset : offset;
}

}  // namespace

std::string to_rfc3339(TimePoint time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::string text = "0000-00-00T00:00:00.000Z";
    put_digits(text, 0, 4, static_cast<int>(date.year()));
    put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
    put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
    put_digits(text, 11, 2, clock.hours().count());
    put_digits(text, 14, 2, clock.minutes().count());
    put_digits(text, 17, 2, clock.seconds().count());
    put_digits(text, 20, 3, clock.subseconds().count());
    return text;
}

result<TimePoint> parse_rfc3339(std::string_view input) {
    TextReader text(input);
    const std::chrono::year year(text.digits(4));
    text.expect("-");
    const std::chrono::month month(static_cast<unsigned>(text.digits(2)));
    text.expect("-");
    const std::chrono::day day(static_cast<unsigned>(text.digits(2)));
    text.expect("Tt ");
    const auto hours = text.digits(2);
    text.expect(":");
    const auto minutes = text.digits(2);
    text.expect(":");
    const auto seconds = text.digits(2);
    const auto fraction = read_fraction(text);
    const auto offset = read_offset(text);
    const auto date = year / month / day;
    if (!text.is_done() || !offset || !date.ok() || hours > 23 || minutes > 59 || seconds > 59) {
        return errc::malformed;
    }
    return TimePoint{std::chrono::sys_days(date)} + std::chrono::hours(hours) +
           std::chrono::minutes(minutes) + std::chrono::seconds(seconds) + fraction - *offset;
}

}  // namespace kurs
