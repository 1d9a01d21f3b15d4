#include "kurs/domain/pricing_report.hpp"

namespace kurs {

std::string_view to_string(SourceState state) {
    switch (state) {
        case SourceState::used: return "used";
        case SourceState::fresh: return "fresh";
        case SourceState::doubted: return "doubted";
        case SourceState::stale: return "stale";
        case SourceState::incomplete: return "incomplete";
    }
    return "";
}

result<SourceState> parse_source_state(std::string_view text) {
    using enum SourceState;
    for (const auto state : {used, fresh, doubted, stale, incomplete})
        if (text == to_string(state)) return state;
    return errc::malformed;
}

}  // namespace kurs
