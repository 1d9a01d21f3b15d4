#include "kurs/domain/endpoint.hpp"

namespace kurs {
namespace {

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::string Endpoint::server_name() const {
    return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

std::string Endpoint::host_header() const {
    const std::uint16_t standard = tls ? 443 : 80;
    const std::string name = bracketed(server_name());
    return port == standard ? name : name + ":" + std::to_string(port);
}

std::string Endpoint::request_target(std::string_view rest) const {
    const auto target = path + std::string(rest);
    return target.starts_with('/') ? target : "/" + target;
}

std::string to_string(const Endpoint& endpoint) {
    return bracketed(endpoint.host) + ":" + std::to_string(endpoint.port);
}

}  // namespace kurs
