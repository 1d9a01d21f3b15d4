#pragma once

#include <map>
#include <random>
#include <set>
#include <string>

#include "coingecko_keys.hpp"
#include "coingecko_quotes.hpp"
#include "faults.hpp"
#include "keepalive.hpp"
#include "stream_session.hpp"

namespace sim {

struct CoinGeckoStreamPolicy {
    Millis update_every{10'000};
    Millis ping_every{10'000};
    Millis pong_limit{20'000};
    Millis heartbeat_every{3'000};
};

class CoinGeckoStream;

/// One client of the CoinGecko stream.
class CoinGeckoSession final : public StreamSession {
public:
    CoinGeckoSession(CoinGeckoStream& stream, Peer& peer, Instant now);
    ~CoinGeckoSession() override;
    CoinGeckoSession(const CoinGeckoSession&) = delete;
    CoinGeckoSession& operator=(const CoinGeckoSession&) = delete;

    void on_text(std::string_view text, Instant now) override;
    void on_ping(Instant) override {}
    void on_pong(std::string_view payload, Instant now) override { pongs_.pong(payload, now); }
    void advance(Instant now) override;

    /// Sends the current price at once if this client is subscribed to the pair.
    void show(const CoinPair& pair, Instant now);
    void strike(const Fault& fault, Instant now);

private:
    void greet(Instant now);
    void on_subscribe(const std::string& identifier, Instant now);
    void on_message(std::string_view data, Instant now);
    void set_tokens(const std::vector<CoinPair>& pairs, Instant now);
    void unset_tokens(const std::vector<std::string>& ids, Instant now);
    void send_answer(std::string text, Instant now);
    void send_update(const CoinPair& pair, Instant now);

    CoinGeckoStream& stream_;
    Peer& peer_;
    PongWatch pongs_;
    Instant next_heartbeat_;
    bool is_subscribed_ = false;
    bool is_rejected_ = false;
    std::map<CoinPair, Instant> next_updates_;
    std::map<std::string, std::string> frozen_;
    std::optional<Instant> shutdown_at_;
};

/// The CoinGecko stream service.
class CoinGeckoStream final : public StreamService {
public:
    CoinGeckoStream(const CoinGeckoQuotes& quotes, FaultTable& faults, KeyRing keys,
                    CoinGeckoStreamPolicy policy, std::uint64_t seed);

    std::optional<Reply> refusal(const Request& request, int line, Instant now) override;
    std::unique_ptr<StreamSession> open(const Request& request, Peer& peer, int line, Instant now) override;

    void advance(Instant now);
    void show(const CoinPair& pair, Instant now);
    void strike(const Fault& fault, Instant now);

private:
    friend class CoinGeckoSession;

    const CoinGeckoQuotes& quotes_;
    FaultTable& faults_;
    KeyRing keys_;
    CoinGeckoStreamPolicy policy_;
    std::mt19937_64 random_;
    std::set<CoinGeckoSession*> sessions_;
};

}  // namespace sim
