#include "feed/tunnel.hpp"

#include <openssl/evp.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <vector>

namespace kurs {
namespace {

using boost::system::error_code;

constexpr std::size_t longest_answer = 16 * 1024;
constexpr std::string_view head_end = "\r\n\r\n";

// RFC 1928 and RFC 1929.
constexpr char socks_version = 5;
constexpr char login_version = 1;
constexpr char no_login = 0;
constexpr char by_password = 2;
constexpr char connect_command = 1;
constexpr char ipv4_address = 1;
constexpr char domain_name = 3;
constexpr char ipv6_address = 4;

std::string base64(const std::string& text) {
    std::vector<unsigned char> encoded(4 * ((text.size() + 2) / 3) + 1);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    const int size = EVP_EncodeBlock(encoded.data(), bytes, static_cast<int>(text.size()));
    return {encoded.begin(), encoded.begin() + size};
}

/// A text with its length in front. The settings limit it to 255 bytes.
std::string counted(const std::string& text) {
    return static_cast<char>(text.size()) + text;
}

std::string address_of(const std::string& host) {
    error_code is_name;
    const auto address = net::ip::make_address(host, is_name);
    if (is_name) return domain_name + counted(host);
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        return ipv4_address + std::string(bytes.begin(), bytes.end());
    }
    const auto bytes = address.to_v6().to_bytes();
    return ipv6_address + std::string(bytes.begin(), bytes.end());
}

std::string describe_socks_reply(unsigned code) {
    switch (code) {
        case 2: return "connection not allowed";
        case 3: return "network unreachable";
        case 4: return "host unreachable";
        case 5: return "connection refused";
        case 6: return "timed out";
        default: return "SOCKS error " + std::to_string(code);
    }
}

}  // namespace

net::awaitable<error_code> Tunnel::open() {
    return proxy_.kind == Proxy::Kind::http ? open_by_connect() : open_by_socks();
}

net::awaitable<error_code> Tunnel::open_by_connect() {
    const std::string target = to_string(endpoint_);
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!proxy_.user.empty())
        request += "Proxy-Authorization: Basic " + base64(proxy_.user + ":" + proxy_.password) + "\r\n";
    error_code failure = co_await send(request + "\r\n");
    if (failure) co_return failure;

    auto head = net::dynamic_buffer(received_, longest_answer);
    const auto size = co_await net::async_read_until(socket_, head, head_end,
                                                     net::redirect_error(net::use_awaitable, failure));
    if (failure) co_return failure;
    constexpr std::size_t status_at = 9;  // after "HTTP/1.1 "
    const std::string status = received_.substr(std::min(status_at, size), 3);
    const bool is_http =
        received_.starts_with("HTTP/1.") && status.find_first_not_of("0123456789") == std::string::npos;
    if (!is_http) co_return refuse("not an HTTP proxy");
    if (!status.starts_with('2')) co_return refuse("CONNECT refused, status " + status);
    // The venue sends nothing before it is asked.
    if (received_.size() > size) co_return refuse("unexpected data after CONNECT");
    co_return error_code{};
}

net::awaitable<error_code> Tunnel::open_by_socks() {
    const bool has_login = !proxy_.user.empty();
    std::string greeting{socks_version, static_cast<char>(has_login ? 2 : 1), no_login};
    if (has_login) greeting += by_password;
    error_code failure = co_await send(greeting);
    if (!failure) failure = co_await read(2);
    if (failure) co_return failure;
    if (received(0) != socks_version) co_return refuse("not a SOCKS5 proxy");
    const bool wants_login = received(1) == by_password && has_login;
    if (!wants_login && received(1) != no_login) co_return refuse("the proxy requires another login");
    if (wants_login) failure = co_await log_in();
    if (failure) co_return failure;

    const std::string port{static_cast<char>(endpoint_.port >> 8), static_cast<char>(endpoint_.port & 0xff)};
    const std::string command{socks_version, connect_command, 0};
    failure = co_await send(command + address_of(endpoint_.server_name()) + port);
    if (!failure) failure = co_await read(4);
    if (failure) co_return failure;
    if (received(1) != 0) co_return refuse(describe_socks_reply(received(1)));
    co_return co_await read_bound_address();
}

net::awaitable<error_code> Tunnel::log_in() {
    error_code failure = co_await send(login_version + counted(proxy_.user) + counted(proxy_.password));
    if (!failure) failure = co_await read(2);
    if (!failure && received(1) != 0) failure = refuse("wrong user name or password");
    co_return failure;
}

/// The address from which the proxy connects. It is skipped.
net::awaitable<error_code> Tunnel::read_bound_address() {
    constexpr std::size_t port_size = 2;
    const auto kind = static_cast<char>(received(3));
    if (kind == ipv4_address) co_return co_await read(4 + port_size);
    if (kind == ipv6_address) co_return co_await read(16 + port_size);
    if (kind != domain_name) co_return refuse("malformed SOCKS reply");
    const error_code failure = co_await read(1);
    if (failure) co_return failure;
    co_return co_await read(received(0) + port_size);
}

net::awaitable<error_code> Tunnel::send(std::string bytes) {
    error_code failure;
    const auto buffer = net::buffer(bytes);
    co_await net::async_write(socket_, buffer, net::redirect_error(net::use_awaitable, failure));
    co_return failure;
}

net::awaitable<error_code> Tunnel::read(std::size_t size) {
    received_.assign(size, '\0');
    error_code failure;
    const auto buffer = net::buffer(received_);
    co_await net::async_read(socket_, buffer, net::redirect_error(net::use_awaitable, failure));
    co_return failure;
}

error_code Tunnel::refuse(std::string reason) {
    refusal_ = std::move(reason);
    return net::error::access_denied;
}

}  // namespace kurs
