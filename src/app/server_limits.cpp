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

server::ServerLimits fit(server::ServerLimits wanted, std::uint64_t descriptors) {
    const rlim_t room = std::max<rlim_t>(descriptors, own_descriptors + fewest_connections) - own_descriptors;
    // If there are too few, requests get half of them plus those that subscribers do not need.
    const auto of_requests =
        std::min<std::size_t>(wanted.connections, std::max(room / 2, fewest_connections));
    wanted.push.subscribers = std::min<std::size_t>(wanted.push.subscribers, room - of_requests);
    wanted.connections = std::min<std::size_t>(wanted.connections, room - wanted.push.subscribers);
    return wanted;
}

server::ServerLimits server_limits(const Settings& settings) {
    server::ServerLimits wanted;
    wanted.push.subscribers = settings.push_clients;
    const auto descriptors = raise_descriptor_limit();
    const auto limits = fit(wanted, descriptors);
    const bool is_short =
        limits.connections < wanted.connections || limits.push.subscribers < wanted.push.subscribers;
    if (is_short)
        spdlog::warn("server: limits reduced, connections={}, push_clients={}, file_descriptors={}",
                     limits.connections, limits.push.subscribers, descriptors);
    return limits;
}

}  // namespace kurs
