#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <string>

#include "kurs/feed/poll_feed.hpp"

namespace kurs {

/// Why no complete response was received, for the log.
struct ExchangeFailure {
    std::string text;
    FeedFailure kind = FeedFailure::connect;
    bool is_oversized = false;
};

using Answer = boost::system::result<PollResponse, ExchangeFailure>;

/// Sends one GET on a new connection, with a timeout for each step. `feed` must outlive the call.
net::awaitable<Answer> ask(const PollFeed& feed, PollRequest request);

}  // namespace kurs
