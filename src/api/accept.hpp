#pragma once

#include <string_view>

namespace kurs::api {

/// Whether an Accept value allows the Prometheus text format 0.0.4. A version in a range may exclude it.
bool takes_metrics_text(std::string_view accept);

/// Whether an Accept-Encoding value allows gzip. Without one, a client may not understand it.
bool takes_gzip(std::string_view accept_encoding);

}  // namespace kurs::api
