// Replays real captures of the daily rates (XML_daily.asp) through the session.
#include <filesystem>
#include <regex>

#include "kurs/domain/time_text.hpp"
#include "support/captures.hpp"
#include "support/market.hpp"
#include "venues/cbr/sessions.hpp"

namespace kurs::cbr {
namespace {

using namespace kurs::testing;

struct CbrCaptures : CaptureTest {
    void SetUp() override {
        CaptureTest::SetUp();
        if (IsSkipped()) return;
        const auto folder = std::filesystem::path(std::getenv("KURS_FIXTURES")) / "cbr";
        if (!std::filesystem::exists(folder))
            GTEST_SKIP() << "KURS_FIXTURES has no folder cbr: no capture of the Bank of Russia is tested";
        for (const auto& file : std::filesystem::directory_iterator(folder))
            if (file.path().extension() == ".xml") files.push_back("cbr/" + file.path().filename().string());
        ASSERT_FALSE(files.empty());
    }

    /// "99,4486" for 100 units is "0.994486". Nominals are powers of ten, so only the comma moves.
    static std::string price_of_one(std::string value, std::size_t nominal_zeros) {
        const auto comma = value.find(',');
        value.erase(comma, 1);
        value.insert(0, nominal_zeros + 1, '0');
        return value.insert(comma + 1, ".");
    }

    std::vector<std::string> files;
};

/// Compares with a reading by expressions.
TEST_F(CbrCaptures, EveryRateEqualsAnIndependentReading) {
    const std::regex described(
        R"x(<CharCode>(\w+)</CharCode><Nominal>(10*)</Nominal><Name>[^<]*</Name><Value>([0-9,]+)</Value>)x");
    const std::regex dated(R"x(Date="(..)\.(..)\.(....)")x");
    for (const auto& name : files) {
        std::string body;
        for (const auto& line : lines_of(name)) body += line;
        std::smatch date;
        ASSERT_TRUE(std::regex_search(body, date, dated)) << name;
        const auto day = parse_rfc3339(date.str(3) + "-" + date.str(2) + "-" + date.str(1) + "T00:00:00Z");

        MarketMap map;
        map.venues = {"cbr"};
        std::vector<Rate> read;
        for (std::sregex_iterator found(body.begin(), body.end(), described), none; found != none; ++found) {
            const std::string currency = (*found)[1], nominal = (*found)[2];
            map.symbols.push_back({VenueId{0}, currency + "/RUB", currency, "RUB", {24h, 20, {}, {}}});
            read.push_back(rate(price_of_one((*found)[3], nominal.size() - 1)));
        }
        std::size_t entries = 0;
        for (auto at = body.find("<Valute "); at != std::string::npos; at = body.find("<Valute ", at + 1))
            ++entries;
        EXPECT_EQ(read.size(), entries) << name;

        const auto session = make_poll_session(map, map.symbols_of(VenueId{0}));
        const auto outcome = session->on_response({200, {}, body}, *day + 12h);
        EXPECT_TRUE(outcome.refusals.empty()) << name;
        ASSERT_EQ(outcome.ticks.size(), entries) << name;
        for (std::size_t i = 0; i < entries; ++i) {
            EXPECT_EQ(outcome.ticks[i].bid, read[i]) << map.symbols[i].name;
            EXPECT_EQ(outcome.ticks[i].ask, read[i]) << map.symbols[i].name;
            EXPECT_EQ(outcome.ticks[i].observed_at, *day - 3h) << "midnight in Moscow";
        }
        std::cout << name << ": " << entries << " rates of " << date.str(0) << "\n";
    }
}

}  // namespace
}  // namespace kurs::cbr
