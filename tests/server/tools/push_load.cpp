// Ten thousand subscribers in one thread, for tools/bench_push.py and tests/system/test_push.py.
//
//     push_load <port> [name=value]...
//
//     wire=events|ws  clients=10000  seconds=60  target=/api/v2/stream?direction=BTC-USD
//     rate=2000       connections begun in a second
//     addresses=4     of ours, from 127.0.0.1 on: so ports suffice
//     stalled=0       clients that stop reading, stall_after=2 seconds after their first message
//     silence=13      seconds without a message that are a violation
//
// Prints a line of JSON when all have their snapshot, one for each line of the standard input, of what came
// since the line before, and one at the end. The end is the input's end, or after `seconds`. Status 1:
// something was not as the contract has it, and `violations` says what.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <map>
#include <sstream>
#include <vector>

#include "push_reader.hpp"

namespace kurs::testing {
namespace {

constexpr std::size_t most_connecting = 256;  ///< at once: the listener's queue must hold them
constexpr std::uint64_t input_mark = ~0ULL;

using Settings = std::map<std::string, std::string>;

double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Delays in steps of 0.1 ms, up to ten seconds.
class Delays {
public:
    void add(double seconds) {
        const auto step = static_cast<std::size_t>(std::clamp(seconds * 10'000, 0.0, 99'999.0));
        ++counts_[step];
        ++total_;
        highest_ = std::max(highest_, seconds);
    }
    double milliseconds(double share) const {
        double passed = 0;
        for (std::size_t step = 0; step < counts_.size(); ++step) {
            passed += counts_[step];
            if (total_ > 0 && passed >= share * total_) return static_cast<double>(step) / 10;
        }
        return 0;
    }
    double highest() const { return highest_ * 1000; }

private:
    std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(100'000);
    double total_ = 0;
    double highest_ = 0;
};

/// The totals since the last line of output.
struct Window {
    double begun_at = now();
    std::map<std::string, std::size_t> messages;
    std::size_t bytes = 0;
    Delays delays;  ///< of changes, from as_of to the receipt
};

struct Client {
    int socket = -1;
    PushReader reader{Wire::events};
    bool is_connecting = true;
    bool is_stalled = false;  ///< it has stopped reading
    bool is_over = false;
    std::uint64_t id = 0;
    std::size_t changes = 0;  ///< in this window
    double first_at = 0;
    double last_at = 0;
    double cut_after = -1;  ///< seconds after it stopped reading; -1: not seen
};

class Load {
public:
    Load(std::uint16_t port, const Settings& settings)
        : port_(port),
          wire_(settings.at("wire") == "ws" ? Wire::web_socket : Wire::events),
          target_(settings.at("target")),
          wanted_(std::stoul(settings.at("clients"))),
          stalled_(std::stoul(settings.at("stalled"))),
          addresses_(std::stoul(settings.at("addresses"))),
          rate_(std::stod(settings.at("rate"))),
          stall_after_(std::stod(settings.at("stall_after"))),
          silence_(std::stod(settings.at("silence"))),
          end_at_(now() + std::stod(settings.at("seconds"))) {
        const rlimit descriptors{wanted_ + 64, wanted_ + 64};
        if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0) note("the limit of descriptors cannot be raised");
        clients_.reserve(wanted_);
        watch(STDIN_FILENO, EPOLLIN, input_mark, EPOLL_CTL_ADD);
    }

    int run() {
        while (!is_over_ && now() < end_at_) {
            connect_more();
            take_events();
            if (now() >= next_look_) look_around();
        }
        for (auto& client : clients_) check_end(client);
        report("end");
        return violations_.empty() ? 0 : 1;
    }

private:
    void note(const std::string& violation) { ++violations_[violation]; }

    void watch(int descriptor, std::uint32_t events, std::uint64_t mark, int how) const {
        epoll_event event{};
        event.events = events;
        event.data.u64 = mark;
        epoll_ctl(poll_, how, descriptor, &event);
    }

    void connect_more() {
        const double due = (now() - begun_at_) * rate_;
        while (clients_.size() < wanted_ && connecting_ < most_connecting &&
               static_cast<double>(clients_.size()) < due) {
            const auto index = clients_.size();
            clients_.emplace_back();
            connect_one(clients_.back(), index);
        }
    }

    void connect_one(Client& client, std::size_t index) {
        client.reader = PushReader(wire_);
        client.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (client.socket < 0) return lose(client, "no descriptor");
        const int on = 1;
        setsockopt(client.socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        const int little = 4096;
        if (index < stalled_) setsockopt(client.socket, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(index % addresses_));
        sockaddr_in peer = own;
        peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        peer.sin_port = htons(port_);
        if (bind(client.socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
            return lose(client, "no address to connect from");
        connect(client.socket, reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
        ++connecting_;
        watch(client.socket, EPOLLOUT, index, EPOLL_CTL_ADD);
    }

    void take_events() {
        std::array<epoll_event, 512> events{};
        const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 10);
        for (int i = 0; i < count; ++i) {
            const auto& event = events.at(static_cast<std::size_t>(i));
            if (event.data.u64 == input_mark) {
                read_input();
                continue;
            }
            auto& client = clients_[event.data.u64];
            if (client.is_over) continue;
            if (client.is_connecting) {
                send_request(client, event.data.u64);
            } else if (client.is_stalled) {
                client.cut_after = now() - client.last_at;
                client.is_over = true;
                epoll_ctl(poll_, EPOLL_CTL_DEL, client.socket, nullptr);
            } else {
                read(client);
            }
        }
    }

    void read_input() {
        std::array<char, 256> line{};
        const auto count = ::read(STDIN_FILENO, line.data(), line.size());
        if (count <= 0) is_over_ = true;
        if (count > 0) report("window");
    }

    void send_request(Client& client, std::uint64_t mark) {
        client.is_connecting = false;
        --connecting_;
        std::string request =
            "GET " + target_ + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
        if (wire_ == Wire::web_socket) {
            request +=
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        }
        request += "\r\n";
        if (send(client.socket, request.data(), request.size(), MSG_NOSIGNAL) < 0)
            return lose(client, std::string("not connected: ") + std::strerror(errno));
        watch(client.socket, EPOLLIN, mark, EPOLL_CTL_MOD);
    }

    void read(Client& client) {
        const auto count = recv(client.socket, room_.data(), room_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) return lose(client, ending(client, count));
        const auto at = now();
        window_.bytes += static_cast<std::size_t>(count);
        client.reader.feed({room_.data(), static_cast<std::size_t>(count)},
                           [&](const PushMessage& message) { take(client, message, at); });
        const auto pongs = client.reader.take_pongs();
        if (!pongs.empty()) send(client.socket, pongs.data(), pongs.size(), MSG_NOSIGNAL);
        if (!client.reader.broken().empty()) lose(client, client.reader.broken());
        const auto status = client.reader.status();
        if (status != 0 && status != 200 && status != 101) lose(client, "answered " + std::to_string(status));
    }

    static std::string ending(const Client& client, ssize_t count) {
        if (client.reader.close_code() != 0)
            return "closed with " + std::to_string(client.reader.close_code());
        return count < 0 ? std::string("lost: ") + std::strerror(errno) : "the server ended it";
    }

    void take(Client& client, const PushMessage& message, double at) {
        ++window_.messages[message.kind];
        client.last_at = at;
        if (client.first_at == 0) {
            client.first_at = at;
            ++subscribed_;
            if (message.kind != "snapshot") note("the first message is " + message.kind);
        }
        if (message.kind == "heartbeat") {
            if (message.id) note("a heartbeat with an id");
            return;
        }
        const bool is_numbered = wire_ == Wire::web_socket ? message.version != client.id : bool(message.id);
        if (message.kind == "snapshot" && !is_numbered) note("a snapshot without an id");
        if (message.id && *message.id != message.version) note("an id that is not the version");
        if (is_numbered && message.version <= client.id) note("an id that does not grow");
        if (!is_numbered && message.version < client.id) note("a version that shrinks");
        client.id = std::max(client.id, message.version);
        if (message.kind != "changes") return;
        ++client.changes;
        window_.delays.add(at - message.as_of);
    }

    void lose(Client& client, const std::string& why) {
        client.is_over = true;
        if (client.socket >= 0) close(client.socket);
        client.socket = -1;
        note(why);
    }

    /// Called a few times per second: stalls clients, finds silent ones, checks whether all are connected.
    void look_around() {
        const double at = now();
        next_look_ = at + 0.25;
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            auto& client = clients_[i];
            if (client.is_over || client.first_at == 0 || client.is_stalled) continue;
            if (i < stalled_ && at - client.first_at >= stall_after_) {
                client.is_stalled = true;
                client.last_at = at;
                watch(client.socket, 0, i, EPOLL_CTL_MOD);  // errors are reported regardless
            } else if (at - client.last_at > silence_) {
                lose(client, "silence");
            }
        }
        if (!is_complete_ && subscribed_ == wanted_) {
            is_complete_ = true;
            report("subscribed");
        }
    }

    /// A stalled client that saw no reset may have been disconnected anyway: the end arrives after the data
    /// in flight.
    void check_end(Client& client) {
        if (client.first_at == 0 && !client.is_over) return note("no snapshot came");
        if (!client.is_stalled || client.cut_after >= 0) return;
        const double until = now() + 2;
        ssize_t count = 1;
        while (count > 0 && now() < until) {
            count = recv(client.socket, room_.data(), room_.size(), MSG_DONTWAIT);
            if (count < 0 && errno == EAGAIN) count = 1;
        }
        if (count > 0) return note("one that does not read is not cut");
        client.cut_after = 1e6;
    }

    void report(const std::string& what) {
        const double took = now() - window_.begun_at;
        std::size_t fewest = ~0UL, most = 0, cut = 0, unseen = 0;
        double slowest_cut = 0;
        for (std::size_t i = 0; i < clients_.size(); ++i) {
            auto& client = clients_[i];
            if (i >= stalled_) fewest = std::min(fewest, client.changes);
            if (i >= stalled_) most = std::max(most, client.changes);
            client.changes = 0;
            if (client.cut_after >= 0) ++cut;
            if (client.cut_after >= 1e6) ++unseen;
            if (client.cut_after < 1e6) slowest_cut = std::max(slowest_cut, client.cut_after);
        }
        std::ostringstream line;
        line << R"({"at":")" << what << R"(","seconds":)" << took << R"(,"subscribed":)" << subscribed_
             << R"(,"messages":)" << to_json(window_.messages) << R"(,"bytes":)" << window_.bytes
             << R"(,"fewest_changes":)" << (fewest == ~0UL ? 0 : fewest) << R"(,"most_changes":)" << most
             << R"(,"delay_ms":{"p50":)" << window_.delays.milliseconds(0.5) << R"(,"p99":)"
             << window_.delays.milliseconds(0.99) << R"(,"max":)" << window_.delays.highest() << R"(},"cut":)"
             << cut << R"(,"cut_unseen":)" << unseen << R"(,"slowest_cut_s":)" << slowest_cut
             << R"(,"violations":)" << to_json(violations_) << "}";
        std::cout << line.str() << std::endl;
        window_ = Window();
    }

    static std::string to_json(const std::map<std::string, std::size_t>& counts) {
        std::string text;
        for (const auto& [name, count] : counts) {
            text += text.empty() ? "{\"" : ",\"";
            for (const char letter : name) text += letter == '"' || letter == '\\' ? '\'' : letter;
            text += "\":" + std::to_string(count);
        }
        return text.empty() ? "{}" : text + "}";
    }

    std::uint16_t port_;
    Wire wire_;
    std::string target_;
    std::size_t wanted_;
    std::size_t stalled_;
    std::size_t addresses_;
    double rate_;
    double stall_after_;
    double silence_;
    double end_at_;
    double begun_at_ = now();
    double next_look_ = 0;
    int poll_ = epoll_create1(EPOLL_CLOEXEC);
    std::vector<Client> clients_;
    std::vector<char> room_ = std::vector<char>(256 * 1024);
    std::size_t connecting_ = 0;
    std::size_t subscribed_ = 0;
    bool is_complete_ = false;
    bool is_over_ = false;
    Window window_;
    std::map<std::string, std::size_t> violations_;
};

}  // namespace
}  // namespace kurs::testing

int main(int count, char** arguments) {
    kurs::testing::Settings settings{{"wire", "events"}, {"clients", "10000"}, {"seconds", "60"},
                                     {"target", ""},     {"rate", "2000"},     {"addresses", "4"},
                                     {"stalled", "0"},   {"stall_after", "2"}, {"silence", "13"}};
    bool is_understood = count > 1;
    for (int i = 2; i < count; ++i) {
        const std::string argument = arguments[i];
        const auto equals = argument.find('=');
        is_understood =
            is_understood && equals != std::string::npos && settings.contains(argument.substr(0, equals));
        if (is_understood) settings[argument.substr(0, equals)] = argument.substr(equals + 1);
    }
    if (!is_understood) {
        std::cerr << "push_load <port> [name=value]...: see the beginning of its source\n";
        return 2;
    }
    if (settings["target"].empty())
        settings["target"] = settings["wire"] == "ws" ? "/api/v2/ws" : "/api/v2/stream";
    return kurs::testing::Load(static_cast<std::uint16_t>(std::stoul(arguments[1])), settings).run();
}
