#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace kurs::exports {

/// An IP address. An IPv4 address a.b.c.d is ::ffff:a.b.c.d.
using Address = std::array<unsigned char, 16>;

std::optional<Address> parse_address(std::string_view text);

/// The addresses whose first `bits` bits are those of `first`.
struct AddressRange {
    Address first{};
    unsigned bits = 0;

    bool contains(const Address& address) const;
};

/// Reads an address, or a network such as "192.0.2.0/24" or "2001:db8::/32". Empty for any other text, and if
/// a bit after the prefix is set.
std::optional<AddressRange> parse_address_range(std::string_view text);

bool contains(std::span<const AddressRange> ranges, const Address& address);

/// The client of a request: the peer of its connection, unless that is a proxy. In that case, the last
/// address in X-Forwarded-For that is not a proxy. Empty if the text of an address is malformed.
std::optional<Address> client_address(std::string_view peer, std::string_view forwarded_for,
                                      std::span<const AddressRange> proxies);

}  // namespace kurs::exports
