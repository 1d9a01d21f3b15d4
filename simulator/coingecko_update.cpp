#include "coingecko_update.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace sim {
namespace {

std::string price_in_form(const std::string& price, FaultTable& faults, const Place& place, Instant now) {
    if (faults.take(FaultKind::null_price, place, now)) return "null";
    if (faults.take(FaultKind::string_price, place, now)) return "\"" + price + "\"";
    if (faults.take(FaultKind::exponent_price, place, now)) return fmt::format("{:.15e}", std::stod(price));
    if (faults.take(FaultKind::integer_price, place, now)) return fmt::format("{:.0f}", std::stod(price));
    return price;
}

std::string time_in_form(FaultTable& faults, const Place& place, Instant now) {
    const bool is_stale = faults.take(FaultKind::stale_time, place, now).has_value();
    const auto seconds = to_unix_seconds(now) - (is_stale ? seconds_of_stale_prices : 0);
    if (faults.take(FaultKind::float_time, place, now))
        return fmt::format("{}.{:03}067", seconds, to_unix_ms(now) % 1000);
    return std::to_string(seconds);
}

}  // namespace

std::string coingecko_update(const CoinPair& pair, const std::string& price, FaultTable& faults, Instant now,
                             std::mt19937_64& random) {
    const auto symbol = to_string(pair);
    const Place place{Endpoint::coingecko_stream, 0, symbol, {}};
    const double value = std::stod(price);
    std::vector<std::string> members{
        R"("c":"C1")",
        fmt::format(R"("i":"{}")", pair.coin),
        fmt::format(R"("p":{})", price_in_form(price, faults, place, now)),
        fmt::format(R"("pp":{:.13f})", static_cast<double>(random() % 4000) / 1000 - 2),
        fmt::format(R"("m":{:.5f})", value * 19.7e6),
        fmt::format(R"("v":{:.2f})", value * 4.8e5),
        fmt::format(R"("t":{})", time_in_form(faults, place, now)),
    };
    if (!faults.take(FaultKind::omit_vs, place, now))
        members.push_back(fmt::format(R"("vs":"{}")", pair.currency));
    std::shuffle(members.begin(), members.end(), random);
    return fmt::format("{{{}}}", fmt::join(members, ","));
}

}  // namespace sim
