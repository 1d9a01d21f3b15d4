#include "loopback_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace kurs::server {

LoopbackClient::LoopbackClient(std::uint16_t port, bool is_ipv6)
    : socket_(::socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0)) {
    const timeval longest_wait{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &longest_wait, sizeof longest_wait);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &longest_wait, sizeof longest_wait);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    const auto* const address = is_ipv6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
    if (::connect(socket_, address, is_ipv6 ? sizeof v6 : sizeof v4) != 0)
        throw std::runtime_error("no connection");
}

LoopbackClient::~LoopbackClient() {
    ::close(socket_);
}

bool LoopbackClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void LoopbackClient::send_end() {
    ::shutdown(socket_, SHUT_WR);
}

ReceivedAnswer LoopbackClient::receive(bool has_body) {
    while (in_.find("\r\n\r\n") == in_.npos) {
        if (!read_some()) return {};
    }
    ReceivedAnswer answer;
    answer.head = in_.substr(0, in_.find("\r\n\r\n") + 2);
    in_.erase(0, answer.head.size() + 2);
    answer.status = std::atoi(answer.head.substr(9, 3).c_str());
    const auto length = answer.head.find("\r\nContent-Length: ");
    const auto size = length == answer.head.npos ? 0U : std::strtoul(&answer.head[length + 18], nullptr, 10);
    while (has_body && in_.size() < size) {
        if (!read_some()) return {};
    }
    if (has_body) answer.body = in_.substr(0, size);
    if (has_body) in_.erase(0, size);
    return answer;
}

ReceivedAnswer LoopbackClient::ask(std::string_view bytes) {
    send(bytes);
    return receive();
}

std::string LoopbackClient::receive_until(std::string_view mark) {
    auto found = in_.find(mark);
    while (found == in_.npos) {
        if (!read_some()) throw std::runtime_error("did not come: " + std::string(mark));
        found = in_.find(mark);
    }
    const auto taken = in_.substr(0, found + mark.size());
    in_.erase(0, taken.size());
    return taken;
}

End LoopbackClient::wait_end() {
    while (read_some()) {
    }
    return end_;
}

bool LoopbackClient::read_some() {
    std::array<char, 4096> bytes;
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count > 0) in_.append(bytes.data(), static_cast<std::size_t>(count));
    if (count == 0) end_ = End::orderly;
    if (count < 0) end_ = errno == ECONNRESET ? End::reset : End::none;
    return count > 0;
}

std::string get(std::string_view target, std::string_view further_headers) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: kurs\r\n" + std::string(further_headers) +
           "\r\n";
}

}  // namespace kurs::server
