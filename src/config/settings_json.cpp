#include <nlohmann/json.hpp>

#include "kurs/config/settings.hpp"

namespace kurs {

std::string settings_json(const std::vector<Venue>& venues, const Environment& environment) {
    auto shown = describe_settings(venues, environment);
    auto next = shown.begin();
    auto groups = nlohmann::ordered_json::array();
    for (const auto& group : setting_groups(venues)) {
        auto settings = nlohmann::ordered_json::array();
        for (const auto& setting : group.settings) {
            settings.push_back({{"name", setting.name},
                                {"default", setting.default_value},
                                {"value", std::move(next++->value)},
                                {"is_secret", setting.is_secret},
                                {"help", setting.help},
                                {"help_ru", setting.help_ru}});
        }
        groups.push_back({{"title", group.title}, {"settings", std::move(settings)}});
    }
    constexpr int indent = 2;
    return groups.dump(indent) + "\n";
}

}  // namespace kurs
