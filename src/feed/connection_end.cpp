#include "kurs/feed/connection_end.hpp"

#include <algorithm>

namespace kurs {
namespace {

std::string words_for(int status) {
    switch (status) {
        case 401: return "refused, key not accepted";
        case 403: return "refused by the venue's firewall";
        case 418: return "address banned by the venue";
        case 429: return "rate-limited";
        case 451: return "refused by region";
        case 502:
        case 503:
        case 504: return "venue unavailable";
        default: return "refused";
    }
}

}  // namespace

std::string describe_refusal(int status, std::optional<Duration> retry_after) {
    std::string text = words_for(status) + " (" + std::to_string(status) + ")";
    if (retry_after) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*retry_after).count();
        text += ", retry after " + std::to_string(seconds) + " s";
    }
    return text;
}

std::string printable(std::string_view text, std::size_t longest) {
    std::string shown(text.substr(0, longest));
    const auto is_control = [](unsigned char c) { return c < 0x20 || c >= 0x7f; };
    std::ranges::replace_if(shown, is_control, '?');
    return shown;
}

}  // namespace kurs
