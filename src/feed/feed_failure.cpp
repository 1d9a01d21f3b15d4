#include "kurs/feed/feed_failure.hpp"

namespace kurs {

std::string_view to_string(FeedFailure failure) {
    switch (failure) {
        case FeedFailure::connect: return "connect";
        case FeedFailure::certificate: return "certificate";
        case FeedFailure::key_refused: return "key_refused";
        case FeedFailure::firewall: return "firewall";
        case FeedFailure::banned: return "banned";
        case FeedFailure::too_many_requests: return "too_many_requests";
        case FeedFailure::region: return "region";
        case FeedFailure::status: return "status";
        case FeedFailure::dismissed: return "dismissed";
        case FeedFailure::closed: return "closed";
        case FeedFailure::silent: return "silent";
        case FeedFailure::protocol: return "protocol";
        case FeedFailure::other: return "other";
    }
    return "unknown";
}

std::array<std::string_view, feed_failure_count> feed_failure_names() {
    std::array<std::string_view, feed_failure_count> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = to_string(static_cast<FeedFailure>(i));
    return names;
}

FeedFailure failure_of_status(int status) {
    switch (status) {
        case 401: return FeedFailure::key_refused;
        case 403: return FeedFailure::firewall;
        case 418: return FeedFailure::banned;
        case 429: return FeedFailure::too_many_requests;
        case 451: return FeedFailure::region;
        default: return FeedFailure::status;
    }
}

std::optional<FeedFailure> failure_of(const ConnectionEnd& end) {
    switch (end.cause) {
        case ConnectionEndCause::cancelled:
        case ConnectionEndCause::rotation_due: return std::nullopt;
        case ConnectionEndCause::farewell:
            return end.is_permanent ? std::optional(FeedFailure::dismissed) : std::nullopt;
        case ConnectionEndCause::connect_failed:
            return end.is_untrusted ? FeedFailure::certificate : FeedFailure::connect;
        case ConnectionEndCause::upgrade_refused: return failure_of_status(end.status);
        case ConnectionEndCause::closed_by_peer: return FeedFailure::closed;
        case ConnectionEndCause::idle:
        case ConnectionEndCause::silent:
        case ConnectionEndCause::partly_silent: return FeedFailure::silent;
        case ConnectionEndCause::protocol_error:
        case ConnectionEndCause::oversized: return FeedFailure::protocol;
        case ConnectionEndCause::loop_stalled: return FeedFailure::other;
    }
    return FeedFailure::other;
}

}  // namespace kurs
