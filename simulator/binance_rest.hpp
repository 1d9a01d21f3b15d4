#pragma once

#include <cstdint>

#include "faults.hpp"
#include "http_message.hpp"
#include "market.hpp"

namespace sim {

/// The request weight that an address has used in this minute, and the ban that follows if it exceeds the
/// limit repeatedly.
class WeightBudget {
public:
    enum class Verdict { fine, too_much, banned };
    struct Charge {
        Verdict verdict;
        std::int64_t used;
        std::int64_t retry_after_seconds;
    };

    Charge charge(std::int64_t weight, Instant now);

private:
    Instant minute_start_{};
    std::int64_t used_ = 0;
    int refused_ = 0;
    Instant banned_until_{};
    std::int64_t ban_seconds_ = 60;
};

/// The Binance REST service.
class BinanceRest {
public:
    BinanceRest(const Market& market, FaultTable& faults) : market_(market), faults_(faults) {}
    Reply answer(const Request& request, Instant now);

private:
    Reply exchange_info(const Request& request, Instant now);
    Reply over_symbols(const Request& request, Instant now);
    Status status_of(const Listing& listing, Instant now);

    const Market& market_;
    FaultTable& faults_;
    WeightBudget budget_;
};

}  // namespace sim
