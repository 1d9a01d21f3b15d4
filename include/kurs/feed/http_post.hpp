#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <string>

#include "kurs/domain/endpoint.hpp"
#include "kurs/feed/connect_limits.hpp"
#include "kurs/runtime/tls_trust.hpp"
#include "kurs/venue/poll_session.hpp"

namespace kurs {

namespace net = boost::asio;

/// A POST to a server of the operator.
struct HttpPost {
    Endpoint endpoint;
    const TlsTrust& trust;  ///< must outlive the call
    Headers headers;
    std::string body;
    Duration answer{15'000};  ///< from the request to the head of the response
};

/// The head of the response to the POST, which is sent once on a new connection. Redirects are not followed.
/// The failure is a text for the log.
net::awaitable<boost::system::result<PollResponse, std::string>> post(HttpPost request);

}  // namespace kurs
