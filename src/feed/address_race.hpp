#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <string>

#include "kurs/domain/time.hpp"
#include "kurs/runtime/name_lookup.hpp"

namespace kurs {

/// The first TCP connection that succeeds (RFC 8305, section 5). The addresses are tried in their order. The
/// next attempt begins `delay` after the previous one, or as soon as an attempt fails. Earlier attempts
/// continue. All others are closed when one succeeds. Attempts that are open at the limit count as timed out.
/// The error names each reason once.
net::awaitable<boost::system::result<net::ip::tcp::socket, std::string>> connect_to_any(Addresses addresses,
                                                                                        Duration delay,
                                                                                        Duration limit);

}  // namespace kurs
