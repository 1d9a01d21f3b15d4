#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "fault_catalogue.hpp"
#include "http_message.hpp"

namespace sim {

/// The functions that the control API calls.
struct ControlTargets {
    FaultTable& faults;
    bool endpoints_speak_tls = false;
    std::function<std::string()> endpoints;                          ///< the line printed at startup
    std::function<std::string(Instant)> state;                       ///< JSON
    std::function<std::string(Instant since, Instant now)> books;    ///< JSON
    std::function<void(const Fault&, Instant)> strike;               ///< applies a fault that acts at once
    std::function<void(const nlohmann::json&, Instant)> set_prices;  ///< throws Rejected
    std::function<void(Instant)> restart_replay;                     ///< throws Rejected
};

/// The control API: text in, text out.
class Control {
public:
    explicit Control(ControlTargets targets) : targets_(std::move(targets)) {}
    /// Bad input gives 400 with {"error": "allowed values"}.
    Reply answer(const Request& request, Instant now);

private:
    Reply route(const Request& request, Instant now);
    Reply list_books(const Request& request, Instant now);
    Reply list_faults(Instant now);
    Reply post_fault(const Request& request, Instant now);
    Reply delete_faults(std::string_view path);

    ControlTargets targets_;
};

}  // namespace sim
