#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "faults.hpp"

namespace sim {

std::string_view to_string(FaultKind kind);

/// Reads the body of POST /faults. Throws Rejected with what is allowed when a name, a field or a value does
/// not fit the endpoint.
Fault parse_fault(const nlohmann::json& body, Instant now, bool endpoints_speak_tls);

/// As GET /faults shows it.
nlohmann::ordered_json describe(int id, const Fault& fault, Instant now);

/// Faults that act once, when they are posted, and do not stay.
bool acts_at_once(FaultKind kind);

}  // namespace sim
