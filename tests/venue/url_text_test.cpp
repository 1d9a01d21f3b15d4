#include "kurs/venue/url_text.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

TEST(UrlText, HasAHostAPortAndAPath) {
    const auto parsed = parse_endpoint("HTTPS://rates.example:8443/api/v3//", "http", "https");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, (Endpoint{true, "rates.example", 8443, "/api/v3"}));
    EXPECT_EQ(parse_endpoint("http://[::1]", "http", "https"), (Endpoint{false, "::1", 80, ""}));
}

TEST(UrlText, IsRefusedIfAPartIsMalformed) {
    for (const auto* url :
         {"", "rates.example", "ftp://rates.example", "http://", "http://.", "http://user@rates.example",
          "http://rates.example?a", "http://rates.example#a", "http://rates.example:0",
          "http://rates.example:99999", "http://rates.example:80(/a", "http://rates%11.example",
          "http://rates%20.example", "http://rates%7f.example", "http://%00"})
        EXPECT_FALSE(parse_endpoint(url, "http", "https")) << url;
}

TEST(UrlText, HasAPortOf16Bits) {
    EXPECT_EQ(parse_endpoint("http://rates.example:1", "http", "https")->port, 1);
    EXPECT_EQ(parse_endpoint("http://rates.example:65535", "http", "https")->port, 65535);
    EXPECT_FALSE(parse_endpoint("http://rates.example:65536", "http", "https"));
    EXPECT_EQ(parse_endpoint("https://rates.example", "http", "https")->port, 443);
}

TEST(UrlText, OfAProxyHasALoginThatSocksCanSend) {
    const auto with = [](std::size_t user, std::size_t password) {
        return parse_proxy("socks5h://" + std::string(user, 'u') + ":" + std::string(password, 'p') +
                           "@proxy.example:1080");
    };
    EXPECT_TRUE(with(255, 255));
    EXPECT_FALSE(with(256, 1));
    EXPECT_FALSE(with(1, 256));
}

TEST(UrlText, MayHaveItsSchemeInCapitals) {
    EXPECT_EQ(with_lower_scheme("AZ@[az://AZ"), "az@[az://AZ");
    EXPECT_EQ(with_lower_scheme("AZ"), "AZ");
}

TEST(UrlText, OfAProxyNeedsAPortAndHasNoPath) {
    const auto proxy = parse_proxy("socks5h://user:p%40ss@proxy.example:1080");
    ASSERT_TRUE(proxy);
    EXPECT_EQ(proxy->host, "proxy.example");
    EXPECT_EQ(proxy->port, 1080);
    EXPECT_EQ(proxy->user, "user");
    EXPECT_EQ(proxy->password, "p@ss");
    for (const auto* url : {"http://proxy.example", "http://proxy.example:3128/a",
                            "socks5://proxy.example:1080", "http://proxy%0a.example:3128", "http://:3128"})
        EXPECT_FALSE(parse_proxy(url)) << url;
}

}  // namespace
}  // namespace kurs
