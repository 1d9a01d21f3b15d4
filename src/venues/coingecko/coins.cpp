#include "venues/coingecko/coins.hpp"

#include <algorithm>

namespace kurs::coingecko {
namespace {

constexpr Duration clock_difference_limit = std::chrono::minutes(1);

void add_once(std::vector<std::string>& list, std::string item) {
    if (std::ranges::find(list, item) == list.end()) list.push_back(std::move(item));
}

}  // namespace

Coins make_coins(const MarketMap& map, const std::vector<SymbolId>& symbols) {
    Coins coins;
    for (const SymbolId symbol : symbols) {
        const auto& name = map.symbol(symbol).name;
        const auto slash = name.find('/');
        coins.by_name.emplace(name, symbol);
        add_once(coins.ids, name.substr(0, slash));
        add_once(coins.currencies, name.substr(std::min(slash, name.size() - 1) + 1));
    }
    return coins;
}

result<Tick> make_tick(SymbolId symbol, std::string_view number, TimePoint updated_at,
                       TimePoint received_at) {
    if (updated_at > received_at + clock_difference_limit) return errc::malformed;
    const auto price = Rate::parse_number(number);
    if (!price) return price.error();
    return Tick{symbol, *price, *price, std::min(updated_at, received_at), 0};
}

result<TimePoint> read_time(std::string_view text) {
    constexpr u128 units_in_millisecond = 1'000'000'000'000'000;
    constexpr u128 year_5138 = 100'000'000'000'000;
    const auto seconds = Rate::parse_number(text);
    if (!seconds) return errc::malformed;
    const auto milliseconds = seconds->units() / units_in_millisecond;
    if (milliseconds > year_5138) return errc::malformed;
    return TimePoint{Duration(static_cast<Duration::rep>(milliseconds))};
}

}  // namespace kurs::coingecko
