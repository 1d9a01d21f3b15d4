#pragma once

#include <cstdint>
#include <string>

namespace kurs {

/// The proxy through which a venue is reached. The proxy resolves the venue's name.
struct Proxy {
    enum class Kind {
        http,   ///< tunnels by CONNECT (RFC 9110, 9.3.6)
        socks5  ///< RFC 1928, with a user name and password by RFC 1929
    };

    Kind kind = Kind::http;
    std::string host;
    std::uint16_t port = 0;
    std::string user;  ///< empty: no login
    std::string password;

    friend bool operator==(const Proxy&, const Proxy&) = default;
};

}  // namespace kurs
