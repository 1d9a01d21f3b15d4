#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "kurs/alerts/desk.hpp"
#include "kurs/alerts/signature.hpp"
#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/history.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/runtime/tls_trust.hpp"

namespace kurs {

namespace net = boost::asio;

/// Where alerts are sent, and how.
struct AlertReceiver {
    Endpoint endpoint;
    alerts::Secrets secrets;
    alerts::Language language{};
    Duration after{};
};

/// Sends one message (Standard Webhooks 1.0.0). Any status but 2xx is a failure; its text is for the log.
struct AlertFailure {
    std::string text;
    std::optional<Duration> retry_after = {};
};
net::awaitable<std::optional<AlertFailure>> send_alert(const AlertReceiver& receiver, const TlsTrust& trust,
                                                       alerts::Message message, TimePoint now);

/// Sends a message of the kind "test" and prints the result. Returns the exit status.
int test_alert(const AlertReceiver& receiver, const TlsTrust& trust);

/// The subsystem of alerts. Without a receiver it does nothing. Used on the loop only.
class Alerts {
public:
    struct Parts {
        const Clock& clock;
        const TlsTrust& trust;
        std::function<bool()> is_sender;  ///< whether this replica sends
        std::function<std::vector<alerts::Trouble>()> find_troubles;
    };

    Alerts(std::optional<AlertReceiver> receiver, Parts parts);

    // Both run until cancelled.
    net::awaitable<void> watch();
    net::awaitable<void> tell();

    /// Another exchanger is active. Called on every replica.
    void note_failover(const ActiveChange& change);

    /// The state of the replica that sends. The others take it.
    std::string note() const { return receiver_ ? desk_.to_text() : std::string(); }
    void take_note(std::string_view text);

private:
    std::optional<AlertReceiver> receiver_;
    Parts parts_;
    alerts::Desk desk_;
    TimePoint say_dropped_at_{};
};

}  // namespace kurs
