// From a frame to the first answer with its price: stands between the simulated Binance and Kurs, and is a
// client too.
//
//     visible <port of the simulator's stream> [<number of replicas>]
//
// Prints its own port, to which Kurs connects. After a line with the port of each replica on the standard
// input, each frame with another price of BTCUSDT is followed by requests for BTC-USD, one after the other,
// until every replica has answered with another price. A line with 0 prints the times so far and starts
// again. At the end of the input it prints the times in microseconds as a line of JSON.

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/loopback.hpp"

namespace kurs::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view request =
    "GET /api/v1/courses?exchanger=binance&direction=BTC-USD HTTP/1.1\r\nHost: kurs.example\r\n\r\n";
constexpr double step = 10;  ///< prices that are pinned differ by more; a reference rate moves less
constexpr auto limit = 2s;
constexpr useconds_t settling = 300;  ///< until Kurs waits for everything, and not for this client alone
constexpr useconds_t pause_of_replicas = 200;  ///< between rounds of requests: replicas share a core

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty())
        bytes.remove_prefix(static_cast<std::size_t>(
            check(static_cast<int>(send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL)), "cannot send")));
}

/// The number after the last occurrence of `name`.
std::optional<double> number_after(std::string_view text, std::string_view name) {
    const auto at = text.rfind(name);
    double number = 0;
    if (at == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(at + name.size());
    if (std::from_chars(rest.data(), rest.data() + rest.size(), number).ec != std::errc{})
        return std::nullopt;
    return number;
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

class Reader {
public:
    explicit Reader(int port) : socket_(connect_to(port)) {}

    /// Spins, so that no time is spent on waking this process.
    std::optional<double> ask() {
        send_all(socket_, request);
        std::array<char, 4096> room{};
        ssize_t size = -1;
        while (size < 0) size = recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
        return number_after({room.data(), static_cast<std::size_t>(size)}, R"("value":)");
    }

private:
    int socket_;
};

class Between {
public:
    Between(int simulator_port, std::size_t replicas)
        : simulator_port_(simulator_port), replicas_(replicas) {}

    void run() {
        while (!is_over_) {
            std::array<pollfd, 4> waiting{{{STDIN_FILENO, POLLIN, 0},
                                           {listener_, POLLIN, 0},
                                           {kurs_, POLLIN, 0},
                                           {simulator_, POLLIN, 0}}};
            poll(waiting.data(), waiting.size(), -1);
            if (waiting[3].revents != 0) pass_frames();
            if (waiting[2].revents != 0) pass(kurs_, simulator_);
            if (waiting[1].revents != 0) accept_kurs();
            if (waiting[0].revents != 0) read_input();
        }
        report();
    }

private:
    void read_input() {
        int port = 0;
        if (!(std::cin >> port))
            is_over_ = true;
        else if (port == 0)
            report();
        else
            readers_.emplace_back(port);
    }

    /// The newest connection counts.
    void accept_kurs() {
        close_both();
        kurs_ = accept(listener_, nullptr, nullptr);
        send_at_once(kurs_);
        simulator_ = connect_to(simulator_port_);
    }

    void close_both() {
        if (kurs_ >= 0) close(kurs_);
        if (simulator_ >= 0) close(simulator_);
        kurs_ = simulator_ = -1;
    }

    std::string_view pass(int from, int to) {
        const auto size = recv(from, room_.data(), room_.size(), 0);
        if (size <= 0) return close_both(), std::string_view();
        const std::string_view bytes(room_.data(), static_cast<std::size_t>(size));
        send_all(to, bytes);
        return bytes;
    }

    void pass_frames() {
        const auto size = recv(simulator_, room_.data(), room_.size(), 0);
        if (size <= 0) return close_both();
        const std::string_view bytes(room_.data(), static_cast<std::size_t>(size));
        const auto bid = number_after(bytes, R"("s":"BTCUSDT","b":")");
        const bool is_new = bid && std::abs(*bid - last_bid_) > step;
        if (bid) last_bid_ = *bid;
        const bool is_measured = is_new && readers_.size() == replicas_;
        const auto before = is_measured ? readers_.front().ask() : std::nullopt;
        if (before) usleep(settling);
        const auto begun_at = Clock::now();
        send_all(kurs_, bytes);
        if (before) wait_until_visible(*before, begun_at);
    }

    void wait_until_visible(double before, Clock::time_point begun_at) {
        const double sending = micros_since(begun_at);
        std::vector<double> seen(replicas_, 0);
        while (Clock::now() < begun_at + limit) {
            for (std::size_t i = 0; i < replicas_; ++i) {
                if (seen[i] > 0) continue;
                const auto value = readers_[i].ask();
                if (value && std::abs(*value - before) > step) seen[i] = micros_since(begun_at);
            }
            if (std::ranges::count(seen, 0) > 0) {
                if (replicas_ > 1) usleep(pause_of_replicas);
                continue;
            }
            visible_.push_back(std::ranges::max(seen));
            apart_.push_back(std::ranges::max(seen) - std::ranges::min(seen));
            sending_.push_back(sending);
            return ask_alone();
        }
        ++unseen_;
    }

    static double micros_since(Clock::time_point begun_at) {
        return std::chrono::duration<double, std::micro>(Clock::now() - begun_at).count();
    }

    /// For comparison: a request without a frame before it.
    void ask_alone() {
        usleep(settling);
        const auto asked_at = Clock::now();
        readers_.front().ask();
        alone_.push_back(micros_since(asked_at));
    }

    void report() {
        std::cout << R"({"frames":)" << visible_.size() << R"(,"unseen":)" << unseen_ << R"(,"p50":)"
                  << percentile(visible_, 0.5) << R"(,"p99":)" << percentile(visible_, 0.99)
                  << R"(,"apart_p50":)" << percentile(apart_, 0.5) << R"(,"apart_p99":)"
                  << percentile(apart_, 0.99) << R"(,"sending_p50":)" << percentile(sending_, 0.5)
                  << R"(,"alone_p50":)" << percentile(alone_, 0.5) << R"(,"alone_p99":)"
                  << percentile(alone_, 0.99) << "}" << std::endl;
        for (auto* const times : {&visible_, &apart_, &sending_, &alone_}) times->clear();
        unseen_ = 0;
    }

    int simulator_port_;
    std::size_t replicas_;
    int listener_ = listen_on_any_port(0, 8);
    int kurs_ = -1;
    int simulator_ = -1;
    std::vector<Reader> readers_;
    std::vector<char> room_ = std::vector<char>(1 << 20);
    double last_bid_ = 0;
    std::vector<double> visible_;  ///< at every replica
    std::vector<double> apart_;    ///< between the first and the last replica
    std::vector<double> sending_;  ///< of the frame alone: the call of the kernel
    std::vector<double> alone_;
    int unseen_ = 0;
    bool is_over_ = false;
};

}  // namespace
}  // namespace kurs::bench

int main(int count, char** arguments) {
    if (count != 2 && count != 3) {
        std::cerr << "usage: visible <port of the simulator's stream> [<number of replicas>]\n";
        return 2;
    }
    setvbuf(stdin, nullptr, _IONBF, 0);  // poll sees a line that is not read yet
    kurs::bench::Between(std::stoi(arguments[1]), count == 3 ? std::stoul(arguments[2]) : 1).run();
}
