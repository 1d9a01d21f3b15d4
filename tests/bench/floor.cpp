// The least that an HTTP server may cost: one epoll loop that looks for the blank line after each request and
// sends the same bytes. tools/bench.py and tools/count_instructions.py compare Kurs with it.
//
//     floor <file with the response>        prints its port, and serves until it is killed

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "bench/loopback.hpp"

namespace kurs::bench {
namespace {

constexpr std::string_view blank_line = "\r\n\r\n";

/// What a connection has received of a request that is not complete, and not yet sent of its answers.
struct Connection {
    std::string received;
    std::string unsent;
};

class Floor {
public:
    explicit Floor(std::string response) : response_(std::move(response)) {
        watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
    }

    void run() {
        std::array<epoll_event, 512> events{};
        for (;;) {
            const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int socket = events.at(static_cast<std::size_t>(i)).data.fd;
                if (socket == listener_)
                    accept_all();
                else if ((events.at(static_cast<std::size_t>(i)).events & EPOLLOUT) != 0)
                    send_rest(socket);
                else
                    receive(socket);
            }
        }
    }

private:
    void watch(int socket, std::uint32_t events, int how) const {
        epoll_event event{};
        event.events = events;
        event.data.fd = socket;
        epoll_ctl(poll_, how, socket, &event);
    }

    void accept_all() {
        for (;;) {
            const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (socket < 0) return;
            send_at_once(socket);
            const auto index = static_cast<std::size_t>(socket);
            if (connections_.size() <= index) connections_.resize(index + 1);
            connections_[index] = {};
            watch(socket, EPOLLIN, EPOLL_CTL_ADD);
        }
    }

    void receive(int socket) {
        std::array<char, 16384> room;
        const auto size = recv(socket, room.data(), room.size(), 0);
        if (size < 0 && errno == EAGAIN) return;
        if (size <= 0) {
            close(socket);
            return;
        }
        auto& connection = connections_[static_cast<std::size_t>(socket)];
        const std::string_view piece(room.data(), static_cast<std::size_t>(size));
        if (connection.received.empty() && piece.find(blank_line) == piece.size() - blank_line.size())
            return answer(socket, connection);
        connection.received += piece;
        for (auto end = connection.received.find(blank_line); end != std::string::npos;
             end = connection.received.find(blank_line)) {
            connection.received.erase(0, end + blank_line.size());
            answer(socket, connection);
        }
    }

    void answer(int socket, Connection& connection) {
        if (!connection.unsent.empty()) {
            connection.unsent += response_;
            return;
        }
        const auto sent = send(socket, response_.data(), response_.size(), MSG_NOSIGNAL);
        if (sent == static_cast<ssize_t>(response_.size())) return;
        connection.unsent = response_.substr(static_cast<std::size_t>(sent < 0 ? 0 : sent));
        watch(socket, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    }

    void send_rest(int socket) {
        auto& unsent = connections_[static_cast<std::size_t>(socket)].unsent;
        const auto sent = send(socket, unsent.data(), unsent.size(), MSG_NOSIGNAL);
        if (sent > 0) unsent.erase(0, static_cast<std::size_t>(sent));
        if (sent < 0 && errno != EAGAIN) unsent.clear();
        if (unsent.empty()) watch(socket, EPOLLIN, EPOLL_CTL_MOD);
    }

    std::string response_;
    int poll_ = epoll_create1(EPOLL_CLOEXEC);
    int listener_ = listen_on_any_port(SOCK_NONBLOCK, 4096);
    std::vector<Connection> connections_;  ///< by descriptor
};

}  // namespace
}  // namespace kurs::bench

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: floor <file with the response>\n";
        return 2;
    }
    std::ifstream file(arguments[1], std::ios::binary);
    kurs::bench::Floor(std::string(std::istreambuf_iterator<char>(file), {})).run();
}
