#pragma once

#include "http/push/topic.hpp"

namespace kurs::http {

/// The connection of somebody who subscribed, as the round of telling sees it. Used on the loop only.
class Subscriber {
public:
    Subscriber() = default;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;
    virtual ~Subscriber() = default;

    /// Sends on what is unsent, as far as the client takes it now. Returns whether nothing is left.
    virtual bool flush() = 0;

    /// Only when nothing is left.
    virtual void send(Topic::Message message) = 0;

    /// Ends the connection without waiting for the client, who does not take what it was sent.
    virtual void cut() = 0;

    /// The service stops: ends the connection in order.
    virtual void end() = 0;
};

}  // namespace kurs::http
