#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <iostream>
#include <system_error>

namespace kurs::bench {

inline int check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

inline sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

inline void send_at_once(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// Listens on a port of the kernel's choice, and prints it. `flags`: SOCK_NONBLOCK or 0.
inline int listen_on_any_port(int flags, int backlog) {
    const int listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), "no socket");
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    check(bind(listener, generic, size), "cannot bind");
    check(listen(listener, backlog), "cannot listen");
    check(getsockname(listener, generic, &size), "no port");
    std::cout << ntohs(address.sin_port) << std::endl;
    return listener;
}

inline int connect_to(int port) {
    const int connected = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "no socket");
    const auto address = loopback(port);
    check(connect(connected, reinterpret_cast<const sockaddr*>(&address), sizeof address), "cannot connect");
    send_at_once(connected);
    return connected;
}

}  // namespace kurs::bench
