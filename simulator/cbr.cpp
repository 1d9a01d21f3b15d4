#include "cbr.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "rest_faults.hpp"

namespace sim {
namespace {

struct Valute {
    const char* id;
    const char* number;
    const char* code;
    int nominal;
    const char* name;   ///< bytes of windows-1251
    const char* value;  ///< roubles for the nominal; null for the dollar, whose rate is live
};

// The names, in the bytes of windows-1251: Australian dollar, US dollar, euro, tenge, yen.
constexpr Valute valutes[] = {
    {"R01010", "036", "AUD", 1,
     "\xC0\xE2\xF1\xF2\xF0\xE0\xEB\xE8\xE9\xF1\xEA\xE8\xE9 \xE4\xEE\xEB\xEB\xE0\xF0", "49,1234"},
    {"R01235", "840", "USD", 1, "\xC4\xEE\xEB\xEB\xE0\xF0 \xD1\xD8\xC0", nullptr},
    {"R01239", "978", "EUR", 1, "\xC5\xE2\xF0\xEE", "83,0512"},
    {"R01335", "398", "KZT", 100, "\xD2\xE5\xED\xE3\xE5", "14,7716"},
    {"R01820", "392", "JPY", 100, "\xC8\xE5\xED", "48,8843"},
};

/// "14,7716" for 100 is "0,147716" for one.
std::string unit_rate(const std::string& value, int nominal) {
    if (nominal == 1) return value;
    auto text = value;
    std::ranges::replace(text, ',', '.');
    text = fmt::format("{:.6f}", std::stod(text) / nominal);
    std::ranges::replace(text, '.', ',');
    return text;
}

std::string describe(const Valute& valute, const std::string& value) {
    return fmt::format(
        R"(<Valute ID="{}"><NumCode>{}</NumCode><CharCode>{}</CharCode><Nominal>{}</Nominal><Name>{}</Name>)"
        R"(<Value>{}</Value><VunitRate>{}</VunitRate></Valute>)",
        valute.id, valute.number, valute.code, valute.nominal, valute.name, value,
        unit_rate(value, valute.nominal));
}

}  // namespace

std::string moscow_date(Instant now) {
    constexpr std::int64_t moscow_offset = 3 * 3600;
    return fmt::format("{:%d.%m.%Y}", fmt::gmtime(to_unix_seconds(now) + moscow_offset));
}

Reply BankOfRussia::answer(const Request& request, Instant now) {
    Reply reply{.type = "application/xml; charset=windows-1251"};
    if (request.path == "/scripts/XML_daily.asp")
        reply.body = document(now);
    else
        reply = {.status = 404, .type = "text/html", .body = "<html><body>404</body></html>"};
    return with_rest_faults(faults_, Endpoint::cbr, std::move(reply), now);
}

std::string BankOfRussia::document(Instant now) {
    const Place here{Endpoint::cbr, 0, {}, {}};
    const auto wrong_date = faults_.take(FaultKind::wrong_date, here, now);
    const bool without_dollar = faults_.take(FaultKind::no_usd, here, now).has_value();
    const bool dollar_is_zero = faults_.take(FaultKind::zero_price, here, now).has_value();
    auto text = fmt::format(
        R"(<?xml version="1.0" encoding="windows-1251"?><ValCurs Date="{}" name="Foreign Currency Market">)",
        wrong_date ? wrong_date->value : moscow_date(now));
    for (const auto& valute : valutes) {
        const bool is_dollar = valute.value == nullptr;
        if (is_dollar && without_dollar) continue;
        auto value = is_dollar ? rouble_.official() : std::string{valute.value};
        if (is_dollar && dollar_is_zero) value = "0.0000";
        std::ranges::replace(value, '.', ',');
        text += describe(valute, value);
    }
    return text + "</ValCurs>";
}

}  // namespace sim
