#include "cbr.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"
#include "fault_catalogue.hpp"

using namespace sim;

namespace {

struct CbrTest : testing::Test {
    Reply get(const char* path = "/scripts/XML_daily.asp") {
        return cbr.answer({.method = "GET", .path = path, .query = {}, .headers = {}, .body = {}}, at(0));
    }
    bool says(const std::string& text) { return get().body.find(text) != std::string::npos; }
    void set_fault(const char* body) { faults.add(parse_fault(nlohmann::json::parse(body), at(0), false)); }

    FaultTable faults;
    RoubleRate rouble{1};
    BankOfRussia cbr{rouble, faults};
};

}  // namespace

TEST_F(CbrTest, QuotesTheDollarForTheDay) {
    EXPECT_EQ(get().type, "application/xml; charset=windows-1251");
    EXPECT_TRUE(says(R"(<ValCurs Date="23.11.2026" name="Foreign Currency Market">)"));
    EXPECT_TRUE(
        says("<CharCode>USD</CharCode><Nominal>1</Nominal><Name>\xC4\xEE\xEB\xEB\xE0\xF0 \xD1\xD8\xC0</Name>"
             "<Value>76,4096</Value><VunitRate>76,4096</VunitRate>"));
    EXPECT_TRUE(says(
        "<Nominal>100</Nominal><Name>\xD2\xE5\xED\xE3\xE5</Name><Value>14,7716</Value><VunitRate>0,147716<"));
    EXPECT_EQ(get("/other").status, 404U);
}

TEST_F(CbrTest, DayIsThatOfMoscow) {
    EXPECT_EQ(moscow_date(at(21 * 3'600'000)), "24.11.2026");
}

TEST_F(CbrTest, FaultsChangeTheDocument) {
    rouble.pin("77.1");
    EXPECT_TRUE(says("<Value>77,1</Value>"));
    set_fault(R"({"endpoint":"cbr","fault":"wrong_date","value":"21.11.2025"})");
    EXPECT_TRUE(says("21.11.2025"));
    set_fault(R"({"endpoint":"cbr","fault":"zero_price"})");
    EXPECT_TRUE(says("<Value>0,0000</Value>"));
    set_fault(R"({"endpoint":"cbr","fault":"no_usd"})");
    EXPECT_FALSE(says("USD"));
}
