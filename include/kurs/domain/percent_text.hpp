#pragma once

#include <cstdint>
#include <string>

namespace kurs {

/// Millionths as a percentage with up to four decimals, which are cut: 31299 is "3.12" with two.
std::string percent_text(std::uint64_t ppm, std::size_t decimals = 4);

}  // namespace kurs
