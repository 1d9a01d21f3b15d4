#include "feed/interim_answers.hpp"

#include <string_view>

namespace kurs {
namespace {

constexpr std::size_t longest_head = 16 * 1024;
constexpr std::string_view interim_version = "HTTP/1.1 1";
constexpr std::string_view upgraded = "HTTP/1.1 101";

}  // namespace

bool skip_interim_answers(std::string& received) {
    for (;;) {
        if (received.size() < upgraded.size())
            return interim_version.starts_with(received.substr(0, interim_version.size()));
        if (!received.starts_with(interim_version) || received.starts_with(upgraded)) return false;
        const auto end = received.find("\r\n\r\n");
        if (end == std::string::npos) return received.size() < longest_head;
        received.erase(0, end + 4);
    }
}

}  // namespace kurs
