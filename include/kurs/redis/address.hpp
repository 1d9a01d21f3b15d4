#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kurs/boardlog/log_store.hpp"

namespace kurs::redis {

/// The server and the credentials.
struct Address {
    std::string host;
    std::uint16_t port = 6379;
    std::string user;      ///< empty: Redis's default user
    std::string password;  ///< empty: no login
    unsigned database = 0;
    bool tls = false;
};

/// Parses redis://[user:password@]host[:port][/database], or rediss:// for TLS. A failure names the problem
/// and reveals nothing of the URL.
log_result<Address> parse_address(std::string_view url);

}  // namespace kurs::redis
