#pragma once

#include <map>
#include <string>

#include "binance_feed.hpp"
#include "coingecko_quotes.hpp"
#include "traffic.hpp"

namespace sim {

/// The last book of each symbol that was sent to a client unchanged.
class SentBooks {
public:
    void note(const StreamEvent& event);
    const std::map<std::string, std::string>& payloads() const { return payloads_; }

private:
    std::map<std::string, std::string> payloads_;
};

/// The body of GET /state.
std::string state_report(const SentBooks& books, const ReplayProgress& replay, const TrafficTable& traffic,
                         const CoinGeckoQuotes& quotes, const RoubleRate& rouble);

}  // namespace sim
