// A TCP relay that delays each direction: the network between replicas and their Redis, where the kernel has
// no netem.
//
//     relay <port on 127.0.0.1>
//
// Prints its own port. A line with a delay in microseconds on the standard input sets that of all
// connections. Ends with its input.

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <deque>
#include <iostream>
#include <list>
#include <string>
#include <vector>

#include "bench/loopback.hpp"

namespace kurs::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Piece {
    Clock::time_point due;
    std::string bytes;  ///< empty: the end
};

struct Way {
    int from;
    int to;
    std::deque<Piece> pieces{};
};

/// A connection of a client, and the one to the server.
struct Pair {
    int client;
    int server;
    std::array<Way, 2> ways{{{client, server}, {server, client}}};
    bool is_over = false;
};

class Relay {
public:
    explicit Relay(int port) : target_(loopback(port)) {}

    void run() {
        for (;;) {
            wait();
            if (waiting_[0].revents != 0 && !read_delay()) return;
            if (waiting_[1].revents != 0) accept_one();
            std::size_t i = 2;
            for (auto& pair : pairs_) {
                for (auto& way : pair.ways) {
                    // A connection accepted meanwhile is not among those that were waited for.
                    if (i < waiting_.size() && waiting_[i++].revents != 0) read(way);
                    write_due(pair, way);
                }
            }
            std::erase_if(pairs_, [](const Pair& pair) {
                if (!pair.is_over) return false;
                close(pair.client);
                close(pair.server);
                return true;
            });
        }
    }

private:
    /// For bytes, or until a piece is due.
    void wait() {
        waiting_ = {{STDIN_FILENO, POLLIN, 0}, {listener_, POLLIN, 0}};
        auto next = Clock::time_point::max();
        for (const auto& pair : pairs_) {
            for (const auto& way : pair.ways) {
                const bool has_ended = !way.pieces.empty() && way.pieces.back().bytes.empty();
                waiting_.push_back({has_ended ? -1 : way.from, POLLIN, 0});
                if (!way.pieces.empty()) next = std::min(next, way.pieces.front().due);
            }
        }
        timespec timeout{};
        const bool has_next = next != Clock::time_point::max();
        const auto left =
            std::max<std::chrono::nanoseconds>(next - Clock::now(), std::chrono::nanoseconds(0));
        if (has_next) timeout = {left.count() / 1'000'000'000, left.count() % 1'000'000'000};
        ppoll(waiting_.data(), waiting_.size(), has_next ? &timeout : nullptr, nullptr);
    }

    bool read_delay() {
        long micros = 0;
        if (!(std::cin >> micros)) return false;
        delay_ = std::chrono::microseconds(micros);
        return true;
    }

    void accept_one() {
        const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        const int server = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "no socket");
        if (connect(server, reinterpret_cast<const sockaddr*>(&target_), sizeof target_) < 0) {
            close(client);
            close(server);
            return;
        }
        send_at_once(client);
        send_at_once(server);
        pairs_.push_back({client, server});
    }

    void read(Way& way) {
        const auto size = recv(way.from, room_.data(), room_.size(), MSG_DONTWAIT);
        if (size < 0 && errno == EAGAIN) return;
        way.pieces.push_back(
            {Clock::now() + delay_,
             std::string(room_.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)))});
    }

    static void write_due(Pair& pair, Way& way) {
        while (!pair.is_over && !way.pieces.empty() && way.pieces.front().due <= Clock::now()) {
            const auto& bytes = way.pieces.front().bytes;
            std::size_t sent = 0;
            pair.is_over = bytes.empty();
            while (!pair.is_over && sent < bytes.size()) {
                const auto size = send(way.to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
                pair.is_over = size < 0;
                sent += static_cast<std::size_t>(std::max<ssize_t>(size, 0));
            }
            way.pieces.pop_front();
        }
    }

    sockaddr_in target_;
    std::chrono::microseconds delay_{0};
    int listener_ = listen_on_any_port(0, 64);
    std::list<Pair> pairs_;
    std::vector<pollfd> waiting_;
    std::vector<char> room_ = std::vector<char>(1 << 20);
};

}  // namespace
}  // namespace kurs::bench

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: relay <port on 127.0.0.1>\n";
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1000UL);    // nanoseconds, instead of 50 microseconds
    setvbuf(stdin, nullptr, _IONBF, 0);  // poll sees a line that is not read yet
    kurs::bench::Relay(std::stoi(arguments[1])).run();
}
