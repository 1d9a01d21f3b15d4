#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "binance_commands.hpp"
#include "binance_feed.hpp"
#include "book_log.hpp"
#include "faults.hpp"
#include "keepalive.hpp"
#include "stream_session.hpp"

namespace sim {

struct BinanceStreamPolicy {
    Millis ping_every{20'000};
    Millis pong_limit{60'000};
    Millis lifetime{24 * 3'600'000};
};

class BinanceStream;

/// One client of the Binance stream.
class BinanceSession final : public StreamSession {
public:
    BinanceSession(BinanceStream& stream, Peer& peer, Subscriptions subscriptions, int line, Instant now);
    ~BinanceSession() override;
    BinanceSession(const BinanceSession&) = delete;
    BinanceSession& operator=(const BinanceSession&) = delete;

    void on_text(std::string_view text, Instant now) override;
    void on_ping(Instant now) override;
    void on_pong(std::string_view payload, Instant now) override;
    void advance(Instant now) override;

    /// Sends the event if it is subscribed and no fault prevents it. Returns true if it was sent unchanged.
    bool deliver(const StreamEvent& event, Instant now) { return deliver(event, now, now); }
    /// The same for a past event that a "late" fault has delayed.
    bool deliver(const StreamEvent& event, Instant happened_at, Instant now);
    /// Applies a fault that acts at once.
    void strike(const Fault& fault, Instant now);
    int line() const { return line_; }

private:
    bool count_inbound(Instant now);
    bool deliver_corrupted(const StreamEvent& event, std::string_view corruption, Millis delay, Instant now);
    Millis delay_of(const Place& place, Instant now);
    std::optional<std::string> payload_of(const StreamEvent& event, const Place& place, Instant now);

    BinanceStream& stream_;
    Peer& peer_;
    Subscriptions subscriptions_;
    int line_;
    RollingLimit inbound_;
    PongWatch pongs_;
    Instant expires_at_;
    std::optional<Instant> shutdown_at_;
    std::map<std::string, std::int64_t> last_update_ids_;
    std::map<std::string, std::string> frozen_;
};

/// The Binance stream service: both ports, all clients.
class BinanceStream final : public StreamService {
public:
    using Opened = std::function<void(Instant)>;
    using Sent = std::function<void(const StreamEvent&)>;

    BinanceStream(FaultTable& faults, BinanceStreamPolicy policy, Opened opened, Sent sent);

    std::optional<Reply> refusal(const Request& request, int line, Instant now) override;
    std::unique_ptr<StreamSession> open(const Request& request, Peer& peer, int line, Instant now) override;

    void publish(const StreamEvent& event, Instant now);
    void advance(Instant now);
    void strike(const Fault& fault, Instant now);
    const BookLog& books() const { return books_; }

private:
    friend class BinanceSession;

    struct Past {
        StreamEvent event;
        Instant happened_at;
    };

    void send_what_is_on_its_way(BinanceSession& session, Instant now);

    FaultTable& faults_;
    BinanceStreamPolicy policy_;
    Opened opened_;
    Sent sent_;
    std::set<BinanceSession*> sessions_;
    std::deque<Past> past_;
    BookLog books_;
};

/// The response to an upgrade under a "refuse" fault.
Reply upgrade_refusal(const Fault& fault);
/// How a "cut" fault ends the connection.
Ending cut_ending(const Fault& fault);

}  // namespace sim
