#include "kurs/venue/setting.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace kurs {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

void expect(const SettingCheck& check, const Texts& admitted, const Texts& refused) {
    for (const auto& text : admitted) EXPECT_FALSE(check(text)) << text;
    for (const auto& text : refused) EXPECT_TRUE(check(text)) << text;
}

TEST(SettingChecks, AdmitTheirBounds) {
    expect(checks::duration(1s, 5s), {"1s", "1000ms", "5s"}, {"", "999ms", "5001ms", "5", "soon"});
    expect(checks::number(2, 9), {"2", "9"}, {"", "1", "10", "-3", "2.5"});
    expect(checks::key(), {"", "!~", std::string(200, 'k')}, {"a b", "\x7f", "\x1f", std::string(201, 'k')});
    expect(checks::one_of({"none", "demo"}), {"none", "demo"}, {"", "basic", "none, demo"});
    EXPECT_EQ(checks::one_of({"none", "demo"})(""), "must be one of none, demo");
}

TEST(SettingChecks, AdmitUrlsOfTheirSchemes) {
    expect(checks::web_url(), {"http://a.example", "https://a.example/b"}, {"", "ws://a.example"});
    expect(checks::stream_url(), {"ws://a.example", "wss://a.example/b"}, {"", "http://a.example"});
    expect(checks::stream_urls(), {"ws://a.example", "ws://a.example , wss://b.example"},
           {"", "ws://a.example,", ",ws://a.example", "ws://a.example,http://b.example"});
    expect(checks::proxy_url(), {"http://a.example:1"}, {"", "http://a.example"});
    expect(checks::optional(checks::proxy_url()), {"", "http://a.example:1"}, {"http://a.example"});
    EXPECT_FALSE(checks::anything()("anything"));
}

TEST(SettingValues, AreReadByTheirType) {
    SettingValues values;
    values.set("urls", " ws://a.example ,wss://b.example:1/c");
    values.set("three", "a,b,c");
    values.set("number", "7");
    values.set("proxy", "http://a.example:3128");
    values.set("empty", "");
    EXPECT_EQ(values.list("urls"), (Texts{"ws://a.example", "wss://b.example:1/c"}));
    EXPECT_EQ(values.list("three"), (Texts{"a", "b", "c"}));
    EXPECT_EQ(values.list("empty"), Texts{});
    EXPECT_EQ(values.endpoints("urls").at(1).port, 1);
    EXPECT_EQ(values.number("number"), 7U);
    EXPECT_EQ(values.proxy("proxy")->port, 3128);
    EXPECT_FALSE(values.proxy("empty"));
    EXPECT_THROW(values.duration("number"), std::logic_error);
    EXPECT_THROW(values.text("unknown"), std::logic_error);
}

TEST(SettingValues, TakeTheDefaultInPlaceOfARefusedValue) {
    SettingValues values;
    values.refuse("number", "7");
    EXPECT_TRUE(values.is_refused("number"));
    EXPECT_FALSE(values.is_refused("urls"));
    EXPECT_EQ(values.number("number"), 7U);
}

TEST(Problem, IsOneLine) {
    EXPECT_EQ(to_string(Problem{"KEY", "", "must be set"}), "KEY: must be set");
    EXPECT_EQ(to_string(Problem{"KEY", std::string("a\n\x1f\x7f\0 ж~", 9), "rule"}),
              "KEY is 'a???? ж~': rule");
}

TEST(SharedSettings, HaveTheirDefaultsAndChecks) {
    const auto connections = connections_setting("CONNECTIONS");
    expect(connections.check, {"1", std::string(connections.default_value)}, {"0", "3"});
    EXPECT_FALSE(connections.is_secret);
    const auto proxy = proxy_setting("PROXY");
    EXPECT_TRUE(proxy.is_secret);
    EXPECT_FALSE(proxy.check(std::string(proxy.default_value)));
    EXPECT_FALSE(stream_urls_setting("URLS", "ws://a.example", "ws://b.example").is_secret);
}

}  // namespace
}  // namespace kurs
