#pragma once

#include <string_view>

namespace kurs::api {

/// Whether an Accept value prefers text/csv to application/json: by the higher q, else by being named more
/// exactly. JSON if neither is.
bool prefers_csv(std::string_view accept);

/// Whether an Accept value takes Prometheus' text format 0.0.4, which a version in a range may exclude.
bool takes_metrics_text(std::string_view accept);

}  // namespace kurs::api
