#include "kurs/venue/frame.hpp"

namespace kurs {

Outcome refused(errc reason, std::string_view what) {
    Outcome outcome;
    outcome.refusals.push_back({reason, std::string(what.substr(0, 40))});
    return outcome;
}

}  // namespace kurs
