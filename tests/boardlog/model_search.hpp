#pragma once

#include <string>

#include "replica_model.hpp"

namespace kurs::model {

struct Scope {
    int slots = 0;          ///< explored, from the start
    int faults = 0;         ///< at most
    int fault_slots = 0;    ///< the first slots, in which they may begin
    int return_limit = 30;  ///< slots in which replicas must be together again once faults have ended
    bool reports = false;   ///< prints a line after each slot
};

struct Findings {
    std::size_t states = 0;
    std::size_t slot_beginnings = 0;  ///< states from which the return was tried
    int longest_return = 0;           ///< in slots
    std::string broken;               ///< the promise, and the steps that break it; empty: none
};

enum class Start : std::uint8_t {
    fresh,     ///< three replicas have just started, and the store is empty
    together,  ///< they have served for some seconds
};

/// Explores every order of steps and every placing of faults, slot by slot, so that no promise is broken in
/// an earlier slot than the one found.
Findings explore(const Rules& rules, Scope scope, Start start);

}  // namespace kurs::model
