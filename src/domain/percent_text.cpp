#include "kurs/domain/percent_text.hpp"

namespace kurs {

std::string percent_text(std::uint64_t ppm, std::size_t decimals) {
    return std::to_string(ppm / 10'000) + "." + std::to_string(10'000 + ppm % 10'000).substr(1, decimals);
}

}  // namespace kurs
