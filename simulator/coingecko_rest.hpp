#pragma once

#include <map>
#include <string>

#include "coingecko_keys.hpp"
#include "coingecko_quotes.hpp"
#include "faults.hpp"
#include "http_message.hpp"

namespace sim {

struct CoinGeckoRestPolicy {
    std::optional<Millis> cache = {};  ///< instead of 60 s (keyless, demo) and 20 s (pro)
    int keyless_per_minute = 30;       ///< 0: no limit
};

/// The CoinGecko REST service of both hosts.
class CoinGeckoRest {
public:
    CoinGeckoRest(const CoinGeckoQuotes& quotes, FaultTable& faults, KeyRing keys, CoinGeckoRestPolicy policy)
        : quotes_(quotes), faults_(faults), keys_(std::move(keys)), policy_(policy) {}

    Reply answer(const Request& request, Instant now);
    /// Makes a pinned price visible at once.
    void forget_cached() { cached_.clear(); }

private:
    struct Snapshot {
        Instant taken_at{};
        std::map<CoinPair, std::string> prices = {};
    };

    Reply regular(const Request& request, Instant now);
    Reply simple_price(const Request& request, Plan plan, Instant now);
    std::string describe_coin(const std::string& coin, const Request& request, const Snapshot& snapshot,
                              Instant now);
    const Snapshot& snapshot(Plan plan, Instant now);
    std::optional<Reply> key_error(const GivenKey& key) const;
    bool over_keyless_limit(Instant now);

    const CoinGeckoQuotes& quotes_;
    FaultTable& faults_;
    KeyRing keys_;
    CoinGeckoRestPolicy policy_;
    std::map<Plan, Snapshot> cached_;
    Instant minute_{};
    int keyless_calls_ = 0;
};

}  // namespace sim
