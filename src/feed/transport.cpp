#include "feed/transport.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "feed/address_race.hpp"
#include "feed/deadline.hpp"
#include "feed/tunnel.hpp"
#include "kurs/runtime/name_lookup.hpp"

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

/// Makes OpenSSL verify the certificate against the bare host, and sends the host name in the ClientHello
/// (SNI) unless it is an address.
bool expect_host(Transport::Tls& stream, const std::string& host) {
    error_code not_an_address;
    net::ip::make_address(host, not_an_address);
    SSL* const tls = stream.native_handle();
    if (!not_an_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1;
    return SSL_set1_host(tls, host.c_str()) == 1 && SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
}

std::string describe_verification(long verdict) {
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED: return "certificate expired";
        case X509_V_ERR_CERT_NOT_YET_VALID: return "certificate not yet valid";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH: return "host name mismatch";
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "unknown issuer";
        default: return X509_verify_cert_error_string(verdict);
    }
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
    if (!expect_host(stream, endpoint.server_name()))
        co_return ConnectFailure{"TLS: the host name cannot be verified"};
    const error_code failure = co_await within(limits.tls, shake_hands(stream), stream.lowest_layer());
    if (!failure) co_return Transport(std::move(stream));
    const long verdict = SSL_get_verify_result(stream.native_handle());
    if (verdict != X509_V_OK) co_return ConnectFailure{"TLS: " + describe_verification(verdict), true};
    co_return ConnectFailure{failed("TLS", failure)};
}

}  // namespace kurs
