#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "clock.hpp"

namespace sim {

enum class Endpoint { binance_stream, binance_rest, coingecko_stream, coingecko_rest, cbr };
inline constexpr std::size_t endpoint_count = 5;

std::string_view to_string(Endpoint endpoint);

enum class FaultKind {
    // connections
    no_accept,
    refuse,
    tls,
    blackhole,
    cut,
    // stream frames
    mute,
    slow,
    late,
    old_book,
    corrupt,
    server_shutdown,
    error_frame,
    delay_ack,
    lose_ack,
    // the CoinGecko stream
    omit_vs,
    float_time,
    string_price,
    integer_price,
    welcome_only,
    unauthorized,
    lose_subscriptions,
    replace_tokens,
    old_acks,
    confirm_code,
    // several
    null_price,
    exponent_price,
    stale_time,
    zero_price,
    // REST
    status,
    never,
    slow_headers,
    slow_body,
    cut_body,
    wrong_length,
    redirect,
    garbage,
    truncated,
    oversized,
    html,
    missing_coin,
    missing_currency,
    empty,
    break_symbol,
    no_usd,
    wrong_date,
};

struct Fault {
    Endpoint endpoint{};
    FaultKind kind{};
    std::string symbol;  ///< empty: all. "BTCUSDT" or "tether/usd"
    std::string stream;  ///< empty: all. "bookTicker"
    int line = 0;        ///< which port of the Binance stream; 0: both
    std::string value;
    std::string shape;  ///< form of the body, if a status has several
    Instant since;
    std::optional<Instant> until;
    std::optional<std::int64_t> left;  ///< remaining number of applications
};

/// The place where a fault may apply.
struct Place {
    Endpoint endpoint{};
    int line = 0;
    std::string_view symbol;
    std::string_view stream;
};

/// The active faults. Faults whose time or count has run out are removed.
class FaultTable {
public:
    int add(Fault fault);
    bool erase(int id);
    void clear() { faults_.clear(); }

    /// The first fault of this kind that covers the place. Does not count as an application.
    const Fault* find(FaultKind kind, const Place& place, Instant now);
    bool has(FaultKind kind, const Place& place, Instant now) { return find(kind, place, now) != nullptr; }
    /// The same, and counts one application.
    std::optional<Fault> take(FaultKind kind, const Place& place, Instant now);

    /// In the order of addition, without expired ones.
    const std::map<int, Fault>& active(Instant now);

private:
    std::map<int, Fault> faults_;
    int last_id_ = 0;
};

/// Whether the fault covers the place. Faults of any symbol cover a place without a symbol.
bool covers(const Fault& fault, const Place& place);

/// The value of a fault in milliseconds, such as "slow".
Millis milliseconds_of(const Fault& fault);

}  // namespace sim
