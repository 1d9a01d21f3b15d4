#include "faults.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"
#include "fault_catalogue.hpp"
#include "rejected.hpp"

using namespace sim;
using nlohmann::json;

namespace {

Fault parse(const char* body, bool tls = false) {
    return parse_fault(json::parse(body), at(0), tls);
}

std::string rule_broken_by(const char* body) {
    try {
        parse(body);
    } catch (const Rejected& rule) {
        return rule.what();
    }
    return "none";
}

}  // namespace

TEST(Faults, CoverOnlyTheirPlace) {
    FaultTable faults;
    faults.add(parse(
        R"({"endpoint":"binance_stream","fault":"mute","symbol":"BTCUSDT","stream":"bookTicker","line":1})"));
    const auto covered = [&](const Place& place) { return faults.has(FaultKind::mute, place, at(0)); };
    EXPECT_TRUE(covered({Endpoint::binance_stream, 1, "BTCUSDT", "bookTicker"}));
    EXPECT_FALSE(covered({Endpoint::binance_stream, 2, "BTCUSDT", "bookTicker"}));
    EXPECT_FALSE(covered({Endpoint::binance_stream, 1, "ETHUSDT", "bookTicker"}));
    EXPECT_FALSE(covered({Endpoint::binance_stream, 1, "BTCUSDT", "miniTicker"}));
    EXPECT_FALSE(covered({Endpoint::coingecko_stream, 1, "BTCUSDT", "bookTicker"}));
}

TEST(Faults, EndWithTheirTime) {
    FaultTable faults;
    faults.add(parse(R"({"endpoint":"cbr","fault":"never","for":"5s"})"));
    const Place cbr{Endpoint::cbr, 0, {}, {}};
    EXPECT_TRUE(faults.has(FaultKind::never, cbr, at(4999)));
    EXPECT_FALSE(faults.has(FaultKind::never, cbr, at(5000)));
    EXPECT_TRUE(faults.active(at(5000)).empty());
}

TEST(Faults, EndWithTheirCount) {
    FaultTable faults;
    faults.add(parse(R"({"endpoint":"cbr","fault":"never","count":2})"));
    const Place cbr{Endpoint::cbr, 0, {}, {}};
    EXPECT_TRUE(faults.take(FaultKind::never, cbr, at(0)));
    EXPECT_TRUE(faults.has(FaultKind::never, cbr, at(0)));
    EXPECT_TRUE(faults.take(FaultKind::never, cbr, at(0)));
    EXPECT_FALSE(faults.take(FaultKind::never, cbr, at(0)));
}

TEST(Faults, AreErasedByTheirId) {
    FaultTable faults;
    const auto id = faults.add(parse(R"({"endpoint":"cbr","fault":"never"})"));
    EXPECT_FALSE(faults.erase(id + 1));
    EXPECT_TRUE(faults.erase(id));
    EXPECT_TRUE(faults.active(at(0)).empty());
}

TEST(FaultCatalogue, RefusesWhatDoesNotFit) {
    EXPECT_EQ(rule_broken_by(R"({"endpoint":"moon","fault":"mute"})"),
              "unknown endpoint 'moon'; known: binance_stream, binance_rest, coingecko_stream, "
              "coingecko_rest, cbr");
    EXPECT_TRUE(rule_broken_by(R"({"endpoint":"cbr","fault":"mute"})")
                    .starts_with("fault 'mute' does not apply to cbr"));
    EXPECT_TRUE(rule_broken_by(R"({"endpoint":"cbr","fault":"mutee"})").starts_with("unknown fault 'mutee'"));
    EXPECT_NE(
        rule_broken_by(R"({"endpoint":"cbr","fault":"never","symbol":"USD"})").find("no field 'symbol'"),
        std::string::npos);
    EXPECT_NE(rule_broken_by(R"({"endpoint":"coingecko_stream","fault":"corrupt","value":"crossed"})")
                  .find("one of: garbage"),
              std::string::npos);
    EXPECT_NE(
        rule_broken_by(R"({"endpoint":"binance_stream","fault":"slow","value":"fast"})").find("milliseconds"),
        std::string::npos);
    EXPECT_NE(rule_broken_by(R"({"endpoint":"cbr","fault":"never","count":0})").find("count"),
              std::string::npos);
    EXPECT_NE(rule_broken_by(R"({"endpoint":"binance_stream","fault":"mute","line":3})").find("line"),
              std::string::npos);
    EXPECT_NE(rule_broken_by(R"({"endpoint":"binance_stream","fault":"tls"})").find("--tls"),
              std::string::npos);
    EXPECT_NE(rule_broken_by("[]").find("expected an object"), std::string::npos);
}

TEST(FaultCatalogue, NumbersAndDefaultsAreValuesToo) {
    EXPECT_EQ(parse(R"({"endpoint":"binance_stream","fault":"cut","value":1001})").value, "1001");
    EXPECT_EQ(parse(R"({"endpoint":"binance_stream","fault":"cut"})").value, "rst");
    EXPECT_EQ(parse(R"({"endpoint":"binance_stream","fault":"tls"})", true).value, "hang");
    EXPECT_EQ(milliseconds_of(parse(R"({"endpoint":"cbr","fault":"slow_body","value":250})")), Millis{250});
}
