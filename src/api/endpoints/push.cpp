// Subscriptions to changes. The request is validated here; the connection does the rest.
#include <algorithm>
#include <boost/url/grammar/ci_string.hpp>

#include "api/contract_v1.hpp"
#include "api/endpoints/endpoints.hpp"
#include "kurs/domain/whole_number.hpp"

namespace kurs::api {
namespace {

using boost::urls::grammar::ci_is_equal;

constexpr std::string_view known_version_name = "last_event_id";

std::optional<std::uint64_t> read_version(std::string_view text) {
    const auto version = parse_whole_number<std::uint64_t>(text);
    return version ? std::optional(*version) : std::nullopt;
}

/// The version in the parameter last_event_id, which is removed from the others.
Parsed<std::optional<std::uint64_t>> take_known_version(std::vector<Parameter>& parameters) {
    const auto is_other = [](const Parameter& each) { return each.name != known_version_name; };
    const auto found = std::ranges::stable_partition(parameters, is_other);
    if (found.empty()) return std::optional<std::uint64_t>{};
    if (found.size() > 1) return "The parameter last_event_id is given twice. Give it once.";
    const auto text = std::move(found.front().value);
    parameters.pop_back();
    if (text.empty()) return std::optional<std::uint64_t>{};
    const auto version = read_version(text);
    if (!version)
        return "No event has the id " + quoted(text) +
               ". Send the id of the last event unchanged, or omit it to get a snapshot.";
    return version;
}

/// The header is newer than the parameter: a browser sends it when it reconnects to the original URL. After a
/// 400 it would never reconnect, so an invalid header is ignored.
Parsed<Subscription> parse_subscription(const MarketMap& map, std::string_view query,
                                        std::string_view last_event_id) {
    auto parameters = parse_query_string(query);
    if (!parameters) return parameters.error();
    const auto known = take_known_version(*parameters);
    if (!known) return known.error();
    auto courses = read_courses_query(map, *parameters, ", last_event_id");
    if (!courses) return courses.error();

    Subscription subscription;
    subscription.query = *std::move(courses);
    subscription.known_version = last_event_id.empty() ? *known : read_version(last_event_id);
    return subscription;
}

/// Without scheme and port.
std::string_view host_of(std::string_view origin) {
    const auto scheme = origin.find("://");
    if (scheme != std::string_view::npos) origin.remove_prefix(scheme + 3);
    const auto end = origin.find_last_not_of("0123456789");
    const bool has_port = end != std::string_view::npos && origin[end] == ':';
    return has_port ? origin.substr(0, end) : origin;
}

/// Browsers leave it to the server to decide which origins may open a WebSocket.
bool may_listen(const Upgrade& upgrade, std::string_view allowed_origin) {
    return upgrade.origin.empty() || allowed_origin == "*" || ci_is_equal(upgrade.origin, allowed_origin) ||
           ci_is_equal(host_of(upgrade.origin), host_of(upgrade.host));
}

}  // namespace

Answer OpenEventStream::operator()(const Call& call, TimePoint now) const {
    auto subscription = parse_subscription(map, call.query, call.request.upgrade.last_event_id);
    if (!subscription) return Problem{400, subscription.error()};
    if (subscription->query.venue) on_requested(*subscription->query.venue, now);
    subscription->transport = Transport::event_stream;
    // Proxies that buffer responses would delay events (X-Accel-Buffering is nginx's header for that).
    subscription->head = writer.write_open(
        200, "Content-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n");
    return *std::move(subscription);
}

Answer OpenWebSocket::operator()(const Call& call, TimePoint now) const {
    const auto& upgrade = call.request.upgrade;
    auto subscription = parse_subscription(map, call.query, upgrade.last_event_id);
    if (!subscription) return Problem{400, subscription.error()};
    if (!upgrade.is_web_socket) {
        return Problem{
            426,
            "This path accepts only WebSocket (RFC 6455), version 13. Connect with WebSocket, or use "
            "/api/v2/stream for Server-Sent Events.",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"};
    }
    if (!may_listen(upgrade, allowed_origin)) {
        return Problem{403, "Pages of " + sanitised(upgrade.origin) +
                                " may not subscribe. The operator can allow them with "
                                "CORS_ALLOW_ORIGIN."};
    }
    if (subscription->query.venue) on_requested(*subscription->query.venue, now);
    subscription->transport = Transport::web_socket;
    subscription->web_socket_key = upgrade.web_socket_key;
    return *std::move(subscription);
}

}  // namespace kurs::api
