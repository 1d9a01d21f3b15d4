#include "kurs/app/health.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <iostream>
#include <string>

namespace kurs {
namespace {

constexpr auto limit = std::chrono::seconds(3);

/// The local address at which a service that listens on `address` is reached.
std::string own_address(const std::string& address) {
    if (address == "0.0.0.0") return "127.0.0.1";
    return address == "::" ? "::1" : address;
}

}  // namespace

int ask_health(const Settings& settings) {
    boost::asio::ip::tcp::iostream stream;
    stream.expires_after(limit);
    stream.connect(own_address(settings.http_address), std::to_string(settings.http_port));
    stream << "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" << std::flush;
    std::string version, status, line;
    stream >> version >> status;
    if (status == "200") return 0;
    if (status.empty()) {
        std::cerr << "kurs: no answer: " << stream.error().message() << "\n";
        return 1;
    }
    while (std::getline(stream, line) && line != "\r") continue;
    std::getline(stream, line, '\0');
    std::cerr << "kurs: " << line << "\n";
    return 1;
}

}  // namespace kurs
