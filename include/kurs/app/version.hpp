#pragma once

namespace kurs {

inline constexpr const char* version = "0.1.0";

}  // namespace kurs
