#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <functional>
#include <string>
#include <vector>

#include "kurs/domain/time.hpp"

namespace kurs {

namespace net = boost::asio;

using Addresses = std::vector<net::ip::tcp::endpoint>;
using LookupResult = boost::system::result<Addresses>;

/// Resolves a name and blocks. Called on a separate thread.
using BlockingLookup = std::function<LookupResult(const std::string& host, std::uint16_t port)>;

LookupResult look_up_blocking(const std::string& host, std::uint16_t port);

/// Reduces the C library's nameserver timeout from five seconds to one, for the whole process. An existing
/// RES_OPTIONS takes precedence. Must be called before any thread starts.
void ask_next_nameserver_soon();

/// Resolves a name within the limit. Ends at once on cancellation; the thread below may run longer, and its
/// result is then dropped. Fails with net::error::timed_out or with the error of the lookup.
net::awaitable<LookupResult> look_up(std::string host, std::uint16_t port, Duration limit,
                                     BlockingLookup lookup = look_up_blocking);

/// The order in which addresses are tried, at most four. IPv4 and IPv6 alternate, so that a host without IPv6
/// routes wastes only one attempt.
Addresses dialling_order(Addresses found);

}  // namespace kurs
