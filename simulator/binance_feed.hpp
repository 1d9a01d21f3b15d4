#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>

#include "market.hpp"
#include "replay.hpp"

namespace sim {

/// One message of one stream, before any client's envelope.
struct StreamEvent {
    std::string symbol;   ///< "BTCUSDT"
    std::string kind;     ///< "bookTicker"
    std::string name;     ///< "btcusdt@bookTicker"
    std::string payload;  ///< JSON, times in milliseconds
};

using PublishEvent = std::function<void(const StreamEvent&)>;

struct FeedPolicy {
    double speed = 1;                       ///< of the walk
    bool confirm_after_replay = true;       ///< a 1 Hz miniTicker for symbols whose capture has ended
    bool keep_original_event_time = false;  ///< of replayed frames
};

/// Decides when which stream message is due: the walk, the 1 Hz tickers and the replay.
class BinanceFeed {
public:
    BinanceFeed(Market& market, Replay& replay, FeedPolicy policy, std::uint64_t seed, Instant now);

    /// Publishes the messages due by `now`. A book is sent before the trade that moved it.
    void advance(Instant now, const PublishEvent& publish);
    /// Sends the current book of a symbol at once, for example after a pin.
    void show(std::string_view symbol, const PublishEvent& publish) const;

private:
    struct Schedule {
        Instant next_book;
        Instant next_tickers;
    };

    void step(const std::string& symbol, Instant now, const PublishEvent& publish);
    void play(const CapturedFrame& frame, std::int64_t shift, Instant now, const PublishEvent& publish);
    void publish_tickers(const Listing& listing, Instant now, const PublishEvent& publish) const;
    Millis pause_before_next_book(const Listing& listing);
    bool walks(const Listing& listing) const;

    Market& market_;
    Replay& replay_;
    FeedPolicy policy_;
    std::mt19937_64 random_;
    std::map<std::string, Schedule> schedules_;
};

}  // namespace sim
