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

/// The order in which addresses are tried, at most `most`. The families alternate (RFC 8305, section 4),
/// beginning with that of the first address: the C library puts IPv6 first if the host has a route for it
/// (RFC 6724) and /etc/gai.conf does not say otherwise.
Addresses dialling_order(Addresses found, std::size_t most = 4);

}  // namespace kurs
