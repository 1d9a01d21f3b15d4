#pragma once

#include <stdexcept>

namespace sim {

/// Input from outside (an option, a capture, a control request) that breaks a rule. The text says which.
class Rejected : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace sim
