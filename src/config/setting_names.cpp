#include "config/setting_names.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

namespace kurs {
namespace {

/// Read from the same .env by docker-compose.yml.
constexpr std::array<std::string_view, 18> stack_names{"ACCESS_LOG_SHARE",
                                                       "BUILD_JOBS",
                                                       "CONNECTION_LIMIT",
                                                       "GRAFANA_PASSWORD",
                                                       "GRAFANA_PORT",
                                                       "KURS_ENV_FILE",
                                                       "KURS_PORT",
                                                       "KURS_SUBNET",
                                                       "LOAD_USER",
                                                       "OWNER_DATABASE_URL",
                                                       "POSTGRES_KURS_PASSWORD",
                                                       "POSTGRES_OWNER_PASSWORD",
                                                       "POSTGRES_PASSWORD",
                                                       "PROMETHEUS_PORT",
                                                       "RATE_BURST",
                                                       "RATE_LIMIT",
                                                       "REDIS_KURS_PASSWORD",
                                                       "REDIS_PASSWORD"};

/// Prefixes of Docker Compose's own variables.
constexpr std::array<std::string_view, 4> compose_prefixes{"COMPOSE_", "DOCKER_", "BUILDKIT_", "BUILDX_"};

/// First words of settings that begin the variables of other programs too.
constexpr std::array<std::string_view, 2> common_prefixes{"HTTP_", "LOG_"};

template <class Prefixes>
bool begins_with_one_of(std::string_view name, const Prefixes& prefixes) {
    return std::ranges::any_of(prefixes, [&](std::string_view each) { return name.starts_with(each); });
}

/// The number of characters to insert, remove, replace or swap with a neighbour.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, row);
    }
    return last.back();
}

std::string in_capitals(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

bool contains(const SettingNames& settings, std::string_view name) {
    return std::ranges::find(settings, name) != settings.end();
}

bool is_known(std::string_view name, const SettingNames& settings) {
    return contains(settings, name) || std::ranges::find(stack_names, name) != stack_names.end();
}

/// Whether the name begins with the same word as a setting, such as REDIS_.
bool has_own_prefix(std::string_view name, const SettingNames& settings) {
    const auto prefix = name.substr(0, name.find('_') + 1);
    if (prefix.empty() || std::ranges::find(common_prefixes, prefix) != common_prefixes.end()) return false;
    return std::ranges::any_of(settings, [&](std::string_view each) { return each.starts_with(prefix); });
}

/// The setting whose name is most similar, or an empty text.
std::string nearest_setting(const std::string& name, const SettingNames& settings) {
    constexpr std::size_t long_name = 12;
    std::string nearest;
    std::size_t least = 3;
    for (const auto& setting : settings) {
        const auto distance = edit_distance(in_capitals(name), setting);
        const std::size_t limit = setting.size() < long_name ? 1 : 2;
        if (distance > limit || distance >= least) continue;
        least = distance;
        nearest = setting;
    }
    return nearest;
}

bool resembles_setting(const std::string& name, const SettingNames& settings) {
    return has_own_prefix(name, settings) || !nearest_setting(name, settings).empty();
}

std::string remark_on(const std::string& name, const SettingNames& settings) {
    const auto nearest = nearest_setting(name, settings);
    return name + " is not a setting; " +
           (nearest.empty() ? "kurs --print-settings lists them" : "did you mean " + nearest + "?");
}

/// The prefixes of the variables of each service: "REDIS_" for REDIS_PORT=tcp://10.0.0.1:6379.
std::vector<std::string> linked_services(const Environment& process) {
    constexpr std::array<std::string_view, 3> protocols{"tcp://", "udp://", "sctp://"};
    constexpr std::string_view ending = "PORT";
    std::vector<std::string> prefixes;
    for (const auto& [name, value] : process) {
        if (name.ends_with("_PORT") && begins_with_one_of(value, protocols))
            prefixes.push_back(name.substr(0, name.size() - ending.size()));
    }
    return prefixes;
}

}  // namespace

void remove_service_links(Environment& process, const SettingNames& settings,
                          std::vector<std::string>& remarks) {
    const auto services = linked_services(process);
    const auto is_link = [&](std::string_view name) {
        return std::ranges::any_of(services, [&](const std::string& prefix) {
            if (!name.starts_with(prefix)) return false;
            const auto rest = name.substr(prefix.size());
            return rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_");
        });
    };
    std::string names;
    std::erase_if(process, [&](const auto& entry) {
        const std::string& name = entry.first;
        if (!is_link(name)) return false;
        if (contains(settings, name) || resembles_setting(name, settings))
            names += (names.empty() ? "" : ", ") + name;
        return true;
    });
    if (names.empty()) return;
    remarks.push_back("environment variables of Kubernetes services ignored: " + names +
                      "; to keep them out, set enableServiceLinks: false in the pod's specification");
}

void remark_unknown_names(const Environment& process, const Environment& file, const SettingNames& settings,
                          std::vector<std::string>& remarks) {
    for (const auto& [name, value] : file) {
        if (!is_known(name, settings) && !begins_with_one_of(name, compose_prefixes))
            remarks.push_back(".env: " + remark_on(name, settings));
    }
    for (const auto& [name, value] : process) {
        if (!is_known(name, settings) && resembles_setting(name, settings))
            remarks.push_back(remark_on(name, settings));
    }
}

}  // namespace kurs
