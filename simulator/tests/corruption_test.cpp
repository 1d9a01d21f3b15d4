#include "corruption.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"

using namespace sim;
using nlohmann::json;

namespace {

const std::string book =
    R"({"u":7,"s":"BTCUSDT","b":"64117.99000000","B":"1.0","a":"64118.00000000","A":"2.0"})";
const std::string ticker = R"({"e":"24hrMiniTicker","E":1795392000000,"s":"BTCUSDT","c":"0.99990000"})";
const std::string coin = R"({"c":"C1","i":"tether","vs":"usd","p":0.9999,"t":1795392000})";

struct Corrupter {
    std::map<std::string, std::string> frozen;
    std::optional<std::string> operator()(const char* kind, const std::string& payload) {
        return corrupt_payload(kind, payload, {at(0), 100, &frozen, "a stream"});
    }
};

}  // namespace

TEST(Corruption, PricesOfABook) {
    const std::pair<const char*, const char*> cases[] = {
        {"zero_price", R"("0.00000000")"}, {"negative_price", R"("-64117.99000000")"},
        {"nan_price", R"("NaN")"},         {"exponent_price", R"("6.411799e+04")"},
        {"jump", R"("641179.90000000")"},  {"null_price", "null"},
        {"crossed", R"("64759.18000000")"}};
    for (const auto& [kind, bid] : cases)
        EXPECT_EQ(json::parse(*Corrupter{}(kind, book))["b"].dump(), bid) << kind;
    const auto long_price = json::parse(*Corrupter{}("long_price", book))["b"].get<std::string>();
    EXPECT_EQ(long_price.size(), 41U) << "40 digits and the point";
}

TEST(Corruption, SmallPriceJumpsToo) {
    EXPECT_EQ(json::parse(*Corrupter{}("jump", ticker))["c"], "9.99900000");
}

TEST(Corruption, UpdateIdsGoBack) {
    EXPECT_EQ(json::parse(*Corrupter{}("duplicate_u", book))["u"], 100);
    EXPECT_EQ(json::parse(*Corrupter{}("reordered_u", book))["u"], 97);
    EXPECT_FALSE(Corrupter{}("duplicate_u", ticker));
}

TEST(Corruption, TimesShift) {
    EXPECT_EQ(json::parse(*Corrupter{}("future_time", ticker))["E"], 1795392005000);
    EXPECT_EQ(json::parse(*Corrupter{}("past_time", ticker))["E"], 1795391940000);
    EXPECT_EQ(json::parse(*Corrupter{}("microseconds", ticker))["E"], 1795392000000000);
    EXPECT_FALSE(Corrupter{}("future_time", book)) << "a book has no time";
}

TEST(Corruption, FrozenRepeatsTheFirstPriceWithFreshTime) {
    Corrupter corrupt;
    corrupt("frozen", ticker);
    const auto later =
        json::parse(*corrupt("frozen", R"({"e":"24hrMiniTicker","E":9,"s":"BTCUSDT","c":"2.0"})"));
    EXPECT_EQ(later["c"], "0.99990000");
    EXPECT_EQ(later["E"], 9);
}

TEST(Corruption, NumbersOfCoinGeckoStayNumbers) {
    EXPECT_NE(Corrupter{}("jump", coin)->find(R"("p":9.9990)"), std::string::npos);
    EXPECT_NE(Corrupter{}("long_price", coin)->find(R"("p":0.9999000000)"), std::string::npos);
    EXPECT_EQ(json::parse(*Corrupter{}("past_time", coin))["t"], 1795391940);
}

TEST(Corruption, WholeFrames) {
    EXPECT_TRUE(corrupt_frame("binary", "{}")->is_binary);
    EXPECT_TRUE(corrupt_frame("fragmented", "{}")->is_fragmented);
    EXPECT_EQ(corrupt_frame("truncated", "{\"a\":1}")->text, "{\"a");
    EXPECT_FALSE(json::accept(corrupt_frame("garbage", "{}")->text));
    EXPECT_FALSE(corrupt_frame("jump", "{}"));
    EXPECT_GT(Corrupter{}("oversized", book)->size(), 1'000'000U);
}
