#include <gtest/gtest.h>

#include "support/market.hpp"
#include "venues/coingecko/venue.hpp"

namespace kurs::coingecko {
namespace {

using namespace testing;

/// The defaults, with these values in place of some.
SettingValues with(const std::map<std::string, std::string>& others) {
    SettingValues values;
    for (const auto& setting : venue().settings) values.set(setting.name, std::string(setting.default_value));
    for (const auto& [name, value] : others) values.set(name, value);
    return values;
}

std::vector<std::string> problems_with(const SettingValues& values) {
    std::vector<std::string> texts;
    for (const auto& problem : venue().check(values)) texts.push_back(to_string(problem));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(CoinGeckoVenue, SpellsSymbolsAsIdentifierAndCurrency) {
    const auto spelling = venue().spelling;
    for (const auto& symbol :
         {std::string("bitcoin/usd"), std::string("0-a_z9/r"), std::string(76, 'a') + "/usd"})
        EXPECT_TRUE(spelling.is_symbol(symbol)) << symbol;
    for (const auto& other :
         {std::string("bitcoin"), std::string("/usd"), std::string("bitcoin/"), std::string("a/b/c"),
          std::string("`/usd"), std::string("{/usd"), std::string("Bitcoin/usd"), std::string(":/usd"),
          std::string("a.b/usd"), std::string("bitcoin/u d"), std::string(77, 'a') + "/usd"})
        EXPECT_FALSE(spelling.is_symbol(other)) << other;
    EXPECT_EQ(spelling.spelt_pair("bitcoin/usd").quote, "USD");
}

TEST(CoinGeckoVenue, ChecksPlanAndKeyTogether) {
    EXPECT_EQ(problems_with(with({})), Texts{});
    EXPECT_EQ(problems_with(with({{"COINGECKO_PLAN", "demo"}})),
              Texts{"COINGECKO_API_KEY: must be set for the plan demo"});
    EXPECT_EQ(problems_with(with({{"COINGECKO_API_KEY", "k"}})),
              Texts{"COINGECKO_PLAN is 'none': must name the plan of the key that is set"});
    EXPECT_EQ(problems_with(with({{"COINGECKO_MAX_AGE", "1m"}})),
              Texts{"COINGECKO_MAX_AGE is '1m': must be at least 130s for the plan none"});
    auto refused = with({{"COINGECKO_API_KEY", "k"}});
    refused.refuse("COINGECKO_PLAN", "none");
    EXPECT_EQ(problems_with(refused), Texts{}) << "the plan has its own problem";
}

TEST(CoinGeckoVenue, HasAStreamFromThePlanAnalystOn) {
    const auto map = small_market();
    const auto feeds_of = [&](const SettingValues& values) {
        return venue().open(values).make_feeds(map, {tether_usd});
    };
    const auto without_key = feeds_of(with({}));
    EXPECT_FALSE(without_key.stream);
    EXPECT_EQ(without_key.poll->endpoint.host, "api.coingecko.com");
    const auto paid = feeds_of(with({{"COINGECKO_PLAN", "analyst"}, {"COINGECKO_API_KEY", "k"}}));
    EXPECT_EQ(paid.stream->endpoints.at(0).host, "stream.coingecko.com");
    EXPECT_EQ(paid.poll->endpoint.host, "pro-api.coingecko.com");
    EXPECT_TRUE(paid.is_standby);
    const auto elsewhere = feeds_of(with({{"COINGECKO_REST_URL", "http://localhost:1/api"}}));
    EXPECT_EQ(elsewhere.poll->endpoint.host, "localhost");
}

TEST(CoinGeckoVenue, CountsTheCallsOfItsFeedsInItsBudget) {
    const auto map = small_market();
    const auto access = venue().open(with({{"COINGECKO_PLAN", "demo"}, {"COINGECKO_API_KEY", "k"}}));
    const auto feeds = access.make_feeds(map, {tether_usd});
    const auto before = access.budget->credits_left(noon).value();
    feeds.poll->session->make_request(noon);
    EXPECT_EQ(access.budget->credits_left(noon), before - 1);
}

}  // namespace
}  // namespace kurs::coingecko
