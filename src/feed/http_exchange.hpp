#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <string>

#include "kurs/feed/poll_feed.hpp"

namespace kurs {

/// Why there is no whole answer, for the log.
struct ExchangeFailure {
    std::string text;
    LineFailure kind = LineFailure::connect;
    bool is_oversized = false;
};

using Answer = boost::system::result<PollResponse, ExchangeFailure>;

/// One GET on a connection of its own, each step within its limit. `feed` outlives the call.
net::awaitable<Answer> ask(const PollFeed& feed, PollRequest request);

}  // namespace kurs
