#include "kurs/exports/address_range.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kurs::exports {
namespace {

bool is_in(std::string_view range, std::string_view address) {
    return parse_address_range(range)->contains(*parse_address(address));
}

TEST(AddressRange, ContainsTheAddressesOfItsNetwork) {
    EXPECT_TRUE(is_in("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(is_in("192.0.2.1", "192.0.2.2"));
    EXPECT_TRUE(is_in("192.0.2.0/23", "192.0.3.255"));
    EXPECT_FALSE(is_in("192.0.2.0/23", "192.0.4.0"));
    EXPECT_TRUE(is_in("0.0.0.0/0", "255.255.255.255"));
    EXPECT_FALSE(is_in("0.0.0.0/0", "::1"));
    EXPECT_TRUE(is_in("::/0", "192.0.2.1"));
    EXPECT_TRUE(is_in("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(is_in("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(is_in("192.0.2.1", "::ffff:192.0.2.1"));
}

TEST(AddressRange, MayBeOneAddressAndHasNoBitBeyondItsPrefix) {
    EXPECT_TRUE(is_in("192.0.2.1/32", "192.0.2.1"));
    EXPECT_FALSE(is_in("192.0.2.1/32", "192.0.2.0"));
    EXPECT_TRUE(is_in("::1/128", "::1"));
    EXPECT_FALSE(is_in("::1/128", "::"));
    for (int bit = 0; bit < 8; ++bit) {
        const auto last = std::to_string(1 << bit);
        EXPECT_FALSE(parse_address_range("192.0.2." + last + "/24")) << bit;
        EXPECT_FALSE(is_in("192.0.2.0/32", "192.0.2." + last)) << bit;
        EXPECT_TRUE(is_in("192.0.2.0/24", "192.0.2." + last)) << bit;
    }
    EXPECT_TRUE(is_in("192.0.2.128/25", "192.0.2.128"));
    EXPECT_FALSE(is_in("192.0.2.128/25", "192.0.2.127"));
}

TEST(AddressRange, RefusesOtherTexts) {
    for (const auto* text : {"", "192.0.2", "192.0.2.0/33", "192.0.2.1/24", "2001:db8::/129",
                             "2001:db8::1/64", "192.0.2.0/", "192.0.2.0/-1", "host", "192.0.2.0/24 "})
        EXPECT_FALSE(parse_address_range(text)) << text;
}

TEST(ClientAddress, IsTheLastOneThatIsNoProxy) {
    const std::vector proxies{*parse_address_range("172.16.0.0/12"), *parse_address_range("10.0.0.1")};
    const auto client = [&](std::string_view peer, std::string_view forwarded_for) {
        return client_address(peer, forwarded_for, proxies);
    };
    const auto shop = parse_address("192.0.2.7");
    EXPECT_EQ(client("192.0.2.7", ""), shop);
    EXPECT_EQ(client("192.0.2.7", "198.51.100.1"), shop) << "it may write what it likes";
    EXPECT_EQ(client("172.18.0.5", "192.0.2.7"), shop);
    EXPECT_EQ(client("172.18.0.5", "198.51.100.1, 192.0.2.7"), shop);
    EXPECT_EQ(client("172.18.0.5", "198.51.100.1,192.0.2.7 , 10.0.0.1"), shop);
    EXPECT_EQ(client("172.18.0.5", ""), parse_address("172.18.0.5"));
    EXPECT_EQ(client("172.18.0.5", "unknown"), std::nullopt);
    EXPECT_EQ(client("172.18.0.5", "10.0.0.1"), parse_address("10.0.0.1")) << "all are proxies";
    EXPECT_EQ(client("172.18.0.5", "192.0.2.7, 10.0.0.1"), shop);
    EXPECT_EQ(client("", "192.0.2.7"), std::nullopt);
}

}  // namespace
}  // namespace kurs::exports
