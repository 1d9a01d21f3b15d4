#pragma once

namespace kurs {

inline constexpr const char* build_version = "0.1.0";

}  // namespace kurs
