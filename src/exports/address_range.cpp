#include "kurs/exports/address_range.hpp"

#include <algorithm>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include "kurs/domain/trimmed.hpp"
#include "kurs/domain/whole_number.hpp"

namespace kurs::exports {
namespace {

constexpr unsigned mapped_bits = 96;  ///< of the prefix ::ffff:

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    Address address{};
    if (const auto v4 = boost::urls::parse_ipv4_address({text.data(), text.size()})) {
        address[10] = address[11] = 0xff;
        std::ranges::copy(v4->to_bytes(), address.begin() + 12);
        return address;
    }
    const auto v6 = boost::urls::parse_ipv6_address({text.data(), text.size()});
    if (!v6) return std::nullopt;
    std::ranges::copy(v6->to_bytes(), address.begin());
    return address;
}

bool AddressRange::contains(const Address& address) const {
    for (unsigned bit = 0; bit < bits; bit += 8) {
        const unsigned unused = bits - bit < 8 ? 8 - (bits - bit) : 0;
        if ((address[bit / 8] ^ first[bit / 8]) >> unused != 0) return false;
    }
    return true;
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
    const auto slash = text.find('/');
    const auto first = parse_address(text.substr(0, slash));
    if (!first) return std::nullopt;
    if (slash == std::string_view::npos) return AddressRange{*first, 128};
    const bool is_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
    const auto bits = parse_whole_number<unsigned>(text.substr(slash + 1));
    if (!bits || *bits > (is_v4 ? 32 : 128)) return std::nullopt;
    const AddressRange range{*first, is_v4 ? mapped_bits + *bits : *bits};
    auto cleared = range.first;
    for (unsigned bit = range.bits; bit < 128; ++bit)
        cleared[bit / 8] = static_cast<unsigned char>(cleared[bit / 8] & ~(0x80U >> bit % 8));
    if (cleared != range.first) return std::nullopt;
    return range;
}

bool contains(std::span<const AddressRange> ranges, const Address& address) {
    return std::ranges::any_of(ranges, [&](const AddressRange& range) { return range.contains(address); });
}

std::optional<Address> client_address(std::string_view peer, std::string_view forwarded_for,
                                      std::span<const AddressRange> proxies) {
    auto client = parse_address(peer);
    while (client && contains(proxies, *client) && !forwarded_for.empty()) {
        const auto comma = forwarded_for.rfind(',');
        const auto begin = comma == std::string_view::npos ? 0 : comma + 1;
        client = parse_address(trimmed(forwarded_for.substr(begin)));
        forwarded_for = forwarded_for.substr(0, begin == 0 ? 0 : comma);
    }
    return client;
}

}  // namespace kurs::exports
