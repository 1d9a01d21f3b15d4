#include "kurs/domain/endpoint.hpp"

namespace kurs {
namespace {

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::string Endpoint::host_header() const {
    const std::uint16_t standard = tls ? 443 : 80;
    return port == standard ? bracketed(host) : bracketed(host) + ":" + std::to_string(port);
}

std::string to_string(const Endpoint& endpoint) {
    return bracketed(endpoint.host) + ":" + std::to_string(endpoint.port);
}

}  // namespace kurs
