#include "feed/transport.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "feed/address_race.hpp"
#include "feed/deadline.hpp"
#include "feed/tunnel.hpp"
#include "kurs/runtime/name_lookup.hpp"
#include "kurs/runtime/tls_peer.hpp"

namespace kurs {
namespace {

using boost::system::error_code;

constexpr std::size_t most_addresses = 16;

std::string failed(const std::string& step, error_code failure) {
    return step + (failure == net::error::timed_out ? ": timed out" : ": " + failure.message());
}

net::awaitable<error_code> shake_hands(Transport::Tls& stream) {
    error_code failure;
    co_await stream.async_handshake(net::ssl::stream_base::client,
                                    net::redirect_error(net::use_awaitable, failure));
    co_return failure;
}

using Connected = boost::system::result<Transport::Plain, ConnectFailure>;

net::awaitable<Connected> connect(std::string host, std::uint16_t port, std::size_t first,
                                  ConnectLimits limits) {
    const auto found = co_await look_up(host, port, limits.resolve);
    if (!found) co_return ConnectFailure{failed("name lookup", found.error())};

    Addresses addresses = dialling_order(*found, most_addresses);
    const auto begin = static_cast<std::ptrdiff_t>(first % addresses.size());
    std::ranges::rotate(addresses, addresses.begin() + begin);
    auto socket = co_await connect_to_any(std::move(addresses), limits.next_address, limits.connect);
    if (!socket) co_return ConnectFailure{"connection: " + socket.error()};
    error_code ignored;
    socket->set_option(net::ip::tcp::no_delay(true), ignored);
    co_return *std::move(socket);
}

net::awaitable<Connected> connect_through(const Proxy& proxy, const Way& way, ConnectLimits limits) {
    auto socket = co_await connect(proxy.host, proxy.port, way.first_address, limits);
    if (!socket) co_return ConnectFailure{"proxy: " + socket.error().text};
    Tunnel tunnel(*socket, proxy, way.endpoint);
    const error_code failure = co_await within(limits.proxy, tunnel.open(), socket->lowest_layer());
    if (!failure) co_return std::move(socket);
    co_return ConnectFailure{tunnel.refusal().empty() ? failed("proxy", failure)
                                                      : "proxy: " + tunnel.refusal()};
}

}  // namespace

net::awaitable<Dialled> dial(Way way, ConnectLimits limits) {
    const Endpoint& endpoint = way.endpoint;
    auto connecting = way.proxy ? connect_through(*way.proxy, way, limits)
                                : connect(endpoint.host, endpoint.port, way.first_address, limits);
    auto socket = co_await std::move(connecting);
    if (!socket) co_return socket.error();
    if (!endpoint.tls) co_return Transport(*std::move(socket));

    Transport::Tls stream(*std::move(socket), way.trust.context());
    if (!expect_host(stream.native_handle(), endpoint.server_name()))
        co_return ConnectFailure{"TLS: the host name cannot be verified"};
    const error_code failure = co_await within(limits.tls, shake_hands(stream), stream.lowest_layer());
    if (!failure) co_return Transport(std::move(stream));
    const auto untrusted = why_untrusted(stream.native_handle());
    if (!untrusted.empty()) co_return ConnectFailure{"TLS: " + untrusted, true};
    co_return ConnectFailure{failed("TLS", failure)};
}

}  // namespace kurs
