#pragma once

#include "kurs/config/settings.hpp"

namespace kurs {

/// Logs go to standard error, as text or as one JSON object a line.
void set_up_logging(LogLevel level, LogFormat format);

/// To debug, or back to `configured` if it is at debug already.
void toggle_debug(LogLevel configured);

}  // namespace kurs
