#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "faults.hpp"

namespace sim {

std::string_view to_string(FaultKind kind);

/// Reads the body of POST /faults. If a name, a field or a value does not fit the endpoint, throws Rejected
/// with the allowed ones.
Fault parse_fault(const nlohmann::json& body, Instant now, bool endpoints_speak_tls);

/// The form in GET /faults.
nlohmann::ordered_json describe(int id, const Fault& fault, Instant now);

/// Faults that act once, when posted, and are not kept.
bool acts_at_once(FaultKind kind);

}  // namespace sim
