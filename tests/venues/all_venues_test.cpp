#include "kurs/venues/all.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kurs {
namespace {

SettingValues default_values(const Venue& venue) {
    SettingValues values;
    for (const auto& setting : venue.settings) values.set(setting.name, std::string(setting.default_value));
    return values;
}

/// A map with the venue and the symbol of its example.
MarketMap map_with(const Venue& venue) {
    MarketMap map;
    map.venues = {venue.id};
    map.symbols = {{VenueId{0}, venue.spelling.example, "BTC", "USD", {}}};
    return map;
}

TEST(AllVenues, HaveNamesAndSettingsOfTheirOwn) {
    std::set<std::string_view> ids, names;
    for (const auto& venue : all_venues()) {
        EXPECT_TRUE(ids.insert(venue.id).second) << venue.id;
        EXPECT_FALSE(venue.title.en.empty() || venue.title.ru.empty()) << venue.id;
        for (const auto& setting : venue.settings)
            EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    }
}

TEST(AllVenues, HaveValidDefaultsAndHelpInBothLanguages) {
    for (const auto& venue : all_venues()) {
        for (const auto& setting : venue.settings) {
            EXPECT_EQ(setting.check(std::string(setting.default_value)), std::nullopt) << setting.name;
            EXPECT_FALSE(setting.help.empty() || setting.help_ru.empty()) << setting.name;
        }
        const auto values = default_values(venue);
        if (venue.check) EXPECT_TRUE(venue.check(values).empty()) << venue.id;
        EXPECT_GT(values.duration(venue.max_age), Duration{0}) << venue.id;
        if (!venue.reference_max_age.empty())
            EXPECT_GT(values.duration(venue.reference_max_age), Duration{0}) << venue.id;
    }
}

/// Otherwise a demo would connect to a real venue.
TEST(AllVenues, HaveASimulatorForEveryUrlAndKey) {
    for (const auto& venue : all_venues()) {
        for (const auto& setting : venue.settings) {
            const bool is_url = setting.name.ends_with("_URL") || setting.name.ends_with("_URLS");
            EXPECT_TRUE(setting.simulated || !(is_url || setting.is_secret)) << setting.name;
            if (setting.simulated)
                EXPECT_EQ(setting.check(std::string(*setting.simulated)), std::nullopt) << setting.name;
        }
    }
}

TEST(AllVenues, HideKeysAndProxies) {
    for (const auto& venue : all_venues()) {
        for (const auto& setting : venue.settings) {
            const bool is_secret = setting.name.ends_with("_KEY") || setting.name.ends_with("_PROXY");
            EXPECT_EQ(setting.is_secret, is_secret) << setting.name;
        }
    }
}

TEST(AllVenues, RecogniseTheirExampleOfASymbol) {
    for (const auto& venue : all_venues()) {
        EXPECT_TRUE(venue.spelling.is_symbol(venue.spelling.example)) << venue.id;
        EXPECT_FALSE(venue.spelling.is_symbol("")) << venue.id;
        EXPECT_FALSE(venue.spelling.is_symbol("no such symbol")) << venue.id;
    }
}

TEST(AllVenues, HaveFeedsWithDistinctNamesThatBeginWithTheirs) {
    std::set<std::string> names;
    for (const auto& venue : all_venues()) {
        const auto map = map_with(venue);
        const auto feeds = venue.open(default_values(venue)).make_feeds(map, {SymbolId{0}});
        EXPECT_TRUE(feeds.stream || feeds.poll) << venue.id;
        std::vector<std::string> own;
        if (feeds.stream) {
            EXPECT_FALSE(feeds.stream->endpoints.empty()) << venue.id;
            own.push_back(feeds.stream->name);
        }
        if (feeds.listing) own.push_back(feeds.listing->name);
        if (feeds.poll) own.push_back(feeds.poll->name);
        for (const auto& name : own) {
            EXPECT_TRUE(name.starts_with(venue.id)) << name;
            EXPECT_TRUE(names.insert(name).second) << name;
        }
    }
}

}  // namespace
}  // namespace kurs
