#include <algorithm>
#include <array>

#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view public_url = "https://api.coingecko.com/api/v3";
constexpr std::string_view pro_url = "https://pro-api.coingecko.com/api/v3";
constexpr std::string_view demo_header = "x-cg-demo-api-key";
constexpr std::string_view pro_header = "x-cg-pro-api-key";

// A demo key earns a credit every 259 s: polling every 10 minutes as a standby saves credits for the time
// when its values are needed, and renews the reference rate within its limit of 15 minutes.
constexpr std::array plans{
    Plan{"none", public_url, "", 5, 0, seconds(60), minutes(5), false},
    Plan{"demo", public_url, demo_header, 30, 10'000, seconds(60), minutes(10), false},
    Plan{"basic", pro_url, pro_header, 250, 100'000, seconds(20), minutes(2), false},
    Plan{"analyst", pro_url, pro_header, 500, 500'000, seconds(20), minutes(2), true},
    Plan{"lite", pro_url, pro_header, 500, 2'000'000, seconds(20), minutes(1), true},
    Plan{"pro", pro_url, pro_header, 500, 2'000'000, seconds(20), minutes(1), true},
};

}  // namespace

std::optional<Plan> find_plan(std::string_view name) {
    const auto* const found = std::ranges::find(plans, name, &Plan::name);
    if (found == plans.end()) return std::nullopt;
    return *found;
}

std::vector<std::string> plan_names() {
    std::vector<std::string> names;
    for (const auto& plan : plans) names.emplace_back(plan.name);
    return names;
}

}  // namespace kurs::coingecko
