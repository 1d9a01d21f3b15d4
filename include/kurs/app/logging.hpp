#pragma once

#include "kurs/config/settings.hpp"

namespace kurs {

/// Logs to standard error, as text or as one JSON object per line.
void set_up_logging(LogLevel level, LogFormat format);

/// Switches to debug, or back to `configured` if the level is debug.
void toggle_debug(LogLevel configured);

}  // namespace kurs
