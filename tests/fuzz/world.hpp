#pragma once

#include "fuzz/target.hpp"
#include "kurs/config/market_document.hpp"
#include "kurs/config/settings.hpp"
#include "kurs/venues/all.hpp"

namespace kurs::fuzz {

/// The built-in market map with the settings of an operator who has every kind of feed.
struct World {
    SettingValues values;
    MarketMap map;
};

inline const World& the_world() {
    static const World world = [] {
        std::vector<Problem> problems;
        const Environment environment{{"COINGECKO_PLAN", "analyst"}, {"COINGECKO_API_KEY", "key"}};
        auto values = load_settings(all_venues(), environment, problems).values;
        auto map =
            parse_market_document(built_in_market_document(), venue_rules(all_venues(), values), problems);
        expect(problems.empty(), "the settings are valid",
               problems.empty() ? "" : to_string(problems.front()));
        return World{std::move(values), *std::move(map)};
    }();
    return world;
}

}  // namespace kurs::fuzz
