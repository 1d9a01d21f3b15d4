#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "http_message.hpp"

namespace sim {

enum class Plan { keyless, demo, pro };

/// The key of a request, and the plan that its header or parameter claims.
struct GivenKey {
    Plan claimed = Plan::keyless;
    std::string text;
};

inline GivenKey key_of(const Request& request) {
    const auto given = [&](const char* header, const char* parameter) {
        const auto text = request.header(header);
        return text.empty() ? request.parameter(parameter).value_or("") : text;
    };
    if (auto pro = given("x-cg-pro-api-key", "x_cg_pro_api_key"); !pro.empty())
        return {Plan::pro, std::move(pro)};
    if (auto demo = given("x-cg-demo-api-key", "x_cg_demo_api_key"); !demo.empty())
        return {Plan::demo, std::move(demo)};
    return {};
}

/// The keys that are accepted. A key that begins with "demo" or "pro" belongs to that plan, any other to
/// both.
class KeyRing {
public:
    explicit KeyRing(std::vector<std::string> keys) : keys_(std::move(keys)) {}

    bool knows(const GivenKey& key) const { return std::ranges::find(keys_, key.text) != keys_.end(); }
    bool is_of_claimed_plan(const GivenKey& key) const {
        const bool is_demo = key.text.starts_with("demo");
        const bool is_pro = key.text.starts_with("pro");
        return (!is_demo && !is_pro) || is_pro == (key.claimed == Plan::pro);
    }

private:
    std::vector<std::string> keys_;
};

}  // namespace sim
