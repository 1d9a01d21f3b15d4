#include "kurs/app/server_limits.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>

namespace kurs {
namespace {

constexpr rlim_t own_descriptors = 64;
constexpr rlim_t fewest_connections = 16;

rlim_t raise_descriptor_limit() {
    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    getrlimit(RLIMIT_NOFILE, &descriptors);
    return descriptors.rlim_cur;
}

}  // namespace

http::ServerLimits server_limits() {
    http::ServerLimits limits;
    const rlim_t descriptors = raise_descriptor_limit();
    const rlim_t room = std::max(descriptors, own_descriptors + fewest_connections) - own_descriptors;
    if (room < limits.connections) {
        limits.connections = room;
        spdlog::warn("at most {} connections: the limit of descriptors is {}", room, descriptors);
    }
    return limits;
}

}  // namespace kurs
