#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kurs/store/archive.hpp"

namespace kurs::redis {

/// Where Redis is, and who we are there.
struct Address {
    std::string host;
    std::uint16_t port = 6379;
    std::string user;      ///< empty: Redis's default user
    std::string password;  ///< empty: none is asked
    unsigned database = 0;
};

/// Reads redis://[user:password@]host[:port][/database]. The failure is permanent, says what is wrong, and
/// shows nothing of the URL. TLS (rediss) is not supported.
store_result<Address> parse_address(std::string_view url);

}  // namespace kurs::redis
