#pragma once

#include <stdexcept>

namespace sim {

/// External input (an option, a capture, a control request) that breaks a rule. The text names the rule.
class Rejected : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace sim
