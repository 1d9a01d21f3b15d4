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

/// Resolves a name, blocking. Called on a thread of its own.
using BlockingLookup = std::function<LookupResult(const std::string& host, std::uint16_t port)>;

LookupResult look_up_blocking(const std::string& host, std::uint16_t port);

/// Makes the C library turn to the next nameserver after one second rather than five, in the whole process.
/// An existing RES_OPTIONS wins. Call it before any thread starts.
void ask_next_nameserver_soon();

/// Resolves a name within the limit. Ends at once on cancellation, though the thread below may go on for a
/// while: its result is dropped then. Fails with net::error::timed_out or what the lookup failed with.
net::awaitable<LookupResult> look_up(std::string host, std::uint16_t port, Duration limit,
                                     BlockingLookup lookup = look_up_blocking);

/// The order in which addresses are tried: families take turns, so that a host without IPv6 routes wastes one
/// attempt only. At most four.
Addresses dialling_order(Addresses found);

}  // namespace kurs
