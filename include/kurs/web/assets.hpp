#pragma once

#include <span>

#include "kurs/api/sources.hpp"

namespace kurs::web {

/// The pages and everything they load: the files of web/ at build time.
std::span<const api::Asset> assets();

}  // namespace kurs::web
