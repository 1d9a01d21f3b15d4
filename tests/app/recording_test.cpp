#include "kurs/app/recording.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/market.hpp"

namespace kurs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view street = R"json({
  "venues": {
    "binance": {},
    "street": {
      "source": {"url": "https://rates.example/api?key=secret-of-a-url", "format": "json", "every": "10s", "max_age": "1m",
                 "proxy": "http://user:secret-of-a-proxy@proxy.example:3128"},
      "symbols": {"USDT/CASHRUB": {"bid": "/buy", "ask": "/sell", "time": "/at", "min": "50", "max": "200"}}
    }
  },
  "exchangers": ["binance", "street"],
  "reference_rates": {"USDT-CASHRUB": ["street: USDT/CASHRUB"]},
  "directions": [
    {"direction": "USDT-CASHRUB", "street": "USDT/CASHRUB"},
    {"direction": "BTC-CASHRUB", "binance": "BTCUSDT * USDT-CASHRUB"}
  ]
})json";

class RecordingTest : public ::testing::Test {
protected:
    void SetUp() override {
        fs::create_directory(folder_);
        std::ofstream(folder_ / "markets.json") << street;
    }
    void TearDown() override { fs::remove_all(folder_); }

    Configuration configuration() const {
        std::vector<Problem> problems;
        const Environment environment{{"RECORD_FILE", (folder_ / "rates").string()},
                                      {"MARKETS_FILE", (folder_ / "markets.json").string()},
                                      {"COINGECKO_PLAN", "basic"},
                                      {"COINGECKO_API_KEY", "secret-of-coingecko"},
                                      {"BINANCE_PROXY", "http://user:secret-of-binance@proxy.example:3128"},
                                      {"BINANCE_MAX_AGE", "4s"}};
        auto loaded = load_configuration(environment, problems);
        for (const auto& problem : problems) ADD_FAILURE() << to_string(problem);
        return *std::move(loaded);
    }

    tape::Record first_record() const {
        for (const auto& entry : fs::directory_iterator(folder_))
            if (entry.path().extension() == ".gz") return **tape::Reader::open(entry.path().string())->next();
        throw std::runtime_error("no recording");
    }

private:
    fs::path folder_ = fs::temp_directory_path() / ("kurs-recording-" + std::to_string(getpid()));
};

TEST_F(RecordingTest, BeginsWithWhatRatesDependOnAndHoldsNoSecret) {
    ASSERT_TRUE(start_tape(configuration(), testing::noon));
    const auto record = first_record();
    EXPECT_EQ(record.payload.find("secret"), std::string::npos) << record.payload;
    std::vector<Problem> problems;
    const auto recorded = read_recorded(record, problems);
    for (const auto& problem : problems) ADD_FAILURE() << to_string(problem);
    ASSERT_TRUE(recorded);
    EXPECT_EQ(recorded->market.map.directions, configuration().market.directions);
    EXPECT_EQ(recorded->settings.values.text("BINANCE_MAX_AGE"), "4s");
    EXPECT_EQ(recorded->settings.values.text("COINGECKO_PLAN"), "basic");
    EXPECT_EQ(recorded->settings.values.text("BINANCE_PROXY"), "");
}

TEST_F(RecordingTest, OfAnythingElseIsRefused) {
    for (const auto* const payload :
         {"", "[]", "{}", R"({"settings":{},"market":3})", R"({"settings":{},"market":"{"})"}) {
        std::vector<Problem> problems;
        EXPECT_FALSE(read_recorded({tape::Kind::configuration, {}, 0, payload}, problems)) << payload;
        EXPECT_FALSE(problems.empty()) << payload;
    }
}

}  // namespace
}  // namespace kurs
