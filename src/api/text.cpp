#include "kurs/api/text.hpp"

#include <algorithm>
#include <array>
#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <cstdio>

namespace kurs::api {
namespace {

constexpr bool is_token_char(char c) {
    constexpr auto chars =
        boost::urls::grammar::alnum_chars + boost::urls::grammar::lut_chars("!#$%&'*+-.^_`|~");
    return chars(static_cast<unsigned char>(c));
}

std::string_view take_front(std::string_view& rest, std::size_t count) {
    const auto front = rest.substr(0, count);
    rest.remove_prefix(front.size());
    return front;
}

}  // namespace

std::string http_date(TimePoint time) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time) - midnight);
    std::array<char, 64> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                      days[std::chrono::weekday(midnight).c_encoding()], static_cast<unsigned>(date.day()),
                      months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

void append_item(std::string& list, std::string_view item) {
    if (!list.empty()) list += ", ";
    list += item;
}

void skip_blank(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

bool take(std::string_view& rest, char c) {
    if (!rest.starts_with(c)) return false;
    rest.remove_prefix(1);
    return true;
}

std::string_view take_token(std::string_view& rest) {
    const auto end = std::ranges::find_if_not(rest, is_token_char);
    return take_front(rest, static_cast<std::size_t>(end - rest.begin()));
}

std::string_view take_quoted_string(std::string_view& rest) {
    if (!rest.starts_with('"')) return {};
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] == '"') return take_front(rest, at + 1);
        if (rest[at] == '\\') ++at;
    }
    return {};
}

}  // namespace kurs::api
