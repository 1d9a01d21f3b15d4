// Decimal text, times, URLs and the arithmetic of prices.
#include <algorithm>
#include <array>
#include <cstring>

#include "fuzz/target.hpp"
#include "kurs/api/text.hpp"
#include "kurs/domain/direction.hpp"
#include "kurs/domain/duration_text.hpp"
#include "kurs/domain/time_text.hpp"
#include "kurs/pricing/conversion.hpp"
#include "kurs/pricing/cross_rate.hpp"
#include "kurs/venue/pointed_document.hpp"
#include "kurs/venue/retry_after.hpp"
#include "kurs/venue/url_text.hpp"
#include "kurs/venue/venue_time.hpp"

namespace kurs::fuzz {
namespace {

using namespace std::chrono_literals;

/// A plain decimal without zeros that mean nothing: independent of how Rate computes.
std::string without_idle_zeros(std::string_view text) {
    const auto point = text.find('.');
    auto whole = text.substr(0, point);
    auto fraction = point == text.npos ? std::string_view{} : text.substr(point + 1);
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    std::string plain(whole.empty() ? "0" : whole);
    if (!fraction.empty()) plain.append(".").append(fraction);
    return plain;
}

void expect_rounding(Rate rate) {
    const auto rounded = Rate::parse(to_rounded_string(rate));
    if (!rounded) {
        // Rounding up may exceed the largest rate by less than 1e-8.
        constexpr u128 margin = 10'000'000'000;
        expect(rounded.error() == errc::overflow && rate.units() > ~u128{0} - margin,
               "a rounded rate is a rate");
        return;
    }
    expect(to_rounded_string(*rounded) == to_string(*rounded), "what is rounded stays as it is");
    const auto low = std::min(*rounded, rate).units(), high = std::max(*rounded, rate).units();
    expect(high - low <= std::min<u128>(5'000'000'000, rate.units() / 10'000'000),
           "rounding moves by half a step at most");
}

std::optional<Rate> take_rate(std::string_view& bytes) {
    u128 units = 0;
    std::array<char, 16> part{};
    if (bytes.empty()) return std::nullopt;
    const auto size = std::min<std::size_t>(bytes.size(), 1 + static_cast<unsigned char>(bytes.front()) % 16);
    bytes.copy(part.data(), size);
    std::memcpy(&units, part.data(), part.size());
    bytes.remove_prefix(size);
    const auto rate = Rate::from_units(units);
    return rate ? std::optional(*rate) : std::nullopt;
}

void expect_one_word(std::string_view text, std::string_view property) {
    expect_one_line(text, property);
    expect(text.find(' ') == text.npos, property, text);
}

/// Both read the same text; the venue's keeps microseconds.
void time(std::string_view text) {
    const auto read = parse_rfc3339(text);
    const auto venue_time = parse_venue_time(text);
    if (venue_time && read) expect(venue_time->at == *read, "both readers of times agree", text);
    if (!read) return;
    const auto written = to_rfc3339(*read);
    if (written.size() == 24) expect(parse_rfc3339(written) == *read, "a time's text is that time", text);
    const auto second = std::chrono::floor<std::chrono::seconds>(*read);
    const auto date = api::http_date(second);
    const bool is_in_range = date.size() == 29;
    if (is_in_range && *read > TimePoint{})
        expect(parse_http_date(date) == TimePoint{second}, "an HTTP date is that second", date);
}

void retry(std::string_view text) {
    constexpr TimePoint now{1'700'000'000s};
    const auto wait = parse_retry_after(text, now);
    if (wait) expect(*wait > 0ms && *wait <= 1h, "a wait is at most an hour");
    const auto date = parse_http_date(text);
    if (date)
        expect(parse_http_date(api::http_date(*date)) == *date, "an HTTP date's text is that date", text);
}

void url(std::string_view text) {
    if (const auto endpoint = parse_endpoint(text, "http", "https")) {
        expect(!endpoint->host.empty() && endpoint->port != 0, "an endpoint has a host and a port", text);
        for (const auto& part :
             {endpoint->host, endpoint->path, endpoint->host_header(), to_string(*endpoint)})
            expect_one_word(part, "an endpoint's parts are words");
        const bool is_path =
            endpoint->path.empty() || (endpoint->path.front() == '/' && endpoint->path.back() != '/');
        expect(is_path, "a path begins with a slash and ends without one", text);
    }
    if (const auto proxy = parse_proxy(text)) {
        expect(!proxy->host.empty() && proxy->port != 0, "a proxy has a host and a port", text);
        expect_one_word(proxy->host, "a proxy's host is a word");
        expect(proxy->user.size() <= 255 && proxy->password.size() <= 255, "RFC 1929 allows 255 bytes");
    }
}

/// "/a/b\n{document}"
void pointed(std::string_view text) {
    const auto pointer = take_line(text);
    PointedDocument document(text);
    const auto first = document.text_at(pointer);
    const std::string kept(first ? *first : "");
    const auto again = document.text_at(pointer);
    expect(first.has_value() == again.has_value() && (!again || *again == kept), "a value is read again",
           pointer);
}

}  // namespace

void rate(std::string_view input) {
    const auto number = Rate::parse_number(input);
    const auto plain = Rate::parse(input);
    if (plain) {
        expect(number == plain, "a plain decimal is a number", input);
        expect(to_string(*plain) == without_idle_zeros(input), "a rate has the digits of its text", input);
    }
    if (!number) return;
    expect(Rate::parse(to_string(*number)) == *number, "a rate's text is that rate", input);
    expect_rounding(*number);
}

void prices(std::string_view input) {
    std::vector<QuoteLeg> legs;
    std::vector<ConversionFactor> factors;
    const auto amount = take_rate(input);
    while (legs.size() < max_legs && input.size() > 1) {
        const bool is_inverted = (input.front() & 1) != 0;
        input.remove_prefix(1);
        const auto one = take_rate(input), other = take_rate(input);
        if (!one || !other) break;
        const auto [bid, ask] = std::minmax(*one, *other);
        legs.push_back({{}, is_inverted, bid, ask, {}});
        factors.push_back({bid, ask, is_inverted});
    }
    const auto cross = cross_rate(legs);
    if (cross) {
        expect(cross->bid <= cross->value && cross->value <= cross->ask, "bid <= value <= ask");
        expect_rounding(cross->value);
        if (legs.size() == 1 && !legs[0].inverted)
            expect(cross->bid == legs[0].bid && cross->ask == legs[0].ask, "one leg is the rate");
    }
    if (!amount) return;
    const auto sold = convert(*amount, Side::sell, factors, 8),
               bought = convert(*amount, Side::buy, factors, 8);
    if (!sold || !bought) return;
    expect(!sold->result || (bought->result && *sold->result <= *bought->result),
           "an amount sold is no more than bought");
    if (cross && sold->rate) expect(*sold->rate == cross->bid, "one unit is sold at the bid");
    if (cross && bought->rate) expect(*bought->rate == cross->ask, "one unit is bought at the ask");
    constexpr u128 step = 10'000'000'000;
    if (sold->result) expect(sold->result->units() % step == 0, "an amount has eight decimals");
}

/// The first character chooses the kind of text.
void text(std::string_view input) {
    if (input.empty()) return;
    const char kind = input.front();
    input.remove_prefix(1);
    switch (kind) {
        case 't': return time(input);
        case 'r': return retry(input);
        case 'u': return url(input);
        case 'p': return pointed(input);
        case 'd':
            if (const auto duration = parse_duration(input))
                expect(parse_duration(to_string(*duration)) == *duration,
                       "a duration's text is that duration", input);
            return;
        case 'D':
            if (const auto direction = Direction::parse(input)) {
                expect(Direction::parse(direction->text()) == *direction,
                       "a direction's text is that direction");
                expect(is_asset_code(direction->base()) && is_asset_code(direction->quote()),
                       "a direction has two assets");
            }
            return;
        default: return;
    }
}

}  // namespace kurs::fuzz
