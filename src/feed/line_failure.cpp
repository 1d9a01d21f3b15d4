#include "kurs/feed/line_failure.hpp"

namespace kurs {

std::string_view to_string(LineFailure failure) {
    switch (failure) {
        case LineFailure::connect: return "connect";
        case LineFailure::certificate: return "certificate";
        case LineFailure::key_refused: return "key_refused";
        case LineFailure::firewall: return "firewall";
        case LineFailure::banned: return "banned";
        case LineFailure::too_many_requests: return "too_many_requests";
        case LineFailure::region: return "region";
        case LineFailure::status: return "status";
        case LineFailure::dismissed: return "dismissed";
        case LineFailure::closed: return "closed";
        case LineFailure::silent: return "silent";
        case LineFailure::protocol: return "protocol";
        case LineFailure::other: return "other";
    }
    return "unknown";
}

std::array<std::string_view, line_failure_count> line_failure_names() {
    std::array<std::string_view, line_failure_count> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = to_string(static_cast<LineFailure>(i));
    return names;
}

LineFailure failure_of_status(int status) {
    switch (status) {
        case 401: return LineFailure::key_refused;
        case 403: return LineFailure::firewall;
        case 418: return LineFailure::banned;
        case 429: return LineFailure::too_many_requests;
        case 451: return LineFailure::region;
        default: return LineFailure::status;
    }
}

std::optional<LineFailure> failure_of(const LineEnd& end) {
    switch (end.cause) {
        case LineEndCause::cancelled:
        case LineEndCause::rotation_due: return std::nullopt;
        case LineEndCause::farewell:
            return end.is_permanent ? std::optional(LineFailure::dismissed) : std::nullopt;
        case LineEndCause::connect_failed:
            return end.is_untrusted ? LineFailure::certificate : LineFailure::connect;
        case LineEndCause::upgrade_refused: return failure_of_status(end.status);
        case LineEndCause::closed_by_peer: return LineFailure::closed;
        case LineEndCause::idle:
        case LineEndCause::silent:
        case LineEndCause::partly_silent: return LineFailure::silent;
        case LineEndCause::protocol_error:
        case LineEndCause::oversized: return LineFailure::protocol;
        case LineEndCause::loop_stalled: return LineFailure::other;
    }
    return LineFailure::other;
}

}  // namespace kurs
