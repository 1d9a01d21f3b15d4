#include "config/route_text.hpp"

#include <sstream>

namespace kurs {

std::optional<std::vector<Factor>> parse_route(std::string_view text) {
    std::istringstream words{std::string(text)};
    std::vector<Factor> factors;
    std::string word;
    if (!(words >> word)) return std::nullopt;
    if (word != "1") factors.push_back({word, false});
    for (std::string sign; words >> sign;) {
        if ((sign != "*" && sign != "/") || !(words >> word)) return std::nullopt;
        factors.push_back({word, sign == "/"});
    }
    if (factors.empty()) return std::nullopt;
    return factors;
}

}  // namespace kurs
