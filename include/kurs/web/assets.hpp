#pragma once

#include <span>

#include "kurs/api/sources.hpp"

namespace kurs::web {

/// The pages and all that they load: the files of web/ as they were when this was built.
std::span<const api::Asset> assets();

}  // namespace kurs::web
