#include "instruments.hpp"

#include <array>

namespace sim {
namespace {

struct Temper {
    const char* tick;
    const char* start;
    const char* lot;
    double books_per_second;
    double move_ticks;
};

/// A symbol whose price may halve or double.
Instrument trading(const char* base, const char* quote, const Temper& temper) {
    const auto start = amount(temper.start);
    return {.symbol = std::string{base} + quote,
            .base = base,
            .quote = quote,
            .tick = amount(temper.tick),
            .start = start,
            .lot = amount(temper.lot),
            .books_per_second = temper.books_per_second,
            .move_ticks = temper.move_ticks,
            .pull = 0.0001,
            .floor = Amount{start.units / 2},
            .ceiling = start * 2};
}

Instrument pegged(const char* base, const char* quote, const Temper& temper) {
    auto instrument = trading(base, quote, temper);
    instrument.pull = 0.03;
    instrument.floor = amount("0.998");
    instrument.ceiling = amount("1.002");
    return instrument;
}

Instrument delisted(const char* base, const char* quote, const char* last, const char* tick) {
    auto instrument = trading(base, quote, {tick, last, "1", 0, 0});
    instrument.status = Status::broken;
    return instrument;
}

}  // namespace

std::vector<Instrument> listed_instruments() {
    return {
        trading("BTC", "USDT", {"0.01", "64117.99", "4.5", 20, 150}),
        trading("ETH", "USDT", {"0.01", "2612.34", "30", 10, 12}),
        pegged("USDC", "USDT", {"0.00001", "1.0001", "250000", 5, 1}),
        trading("SOL", "USDT", {"0.01", "151.27", "400", 8, 1.2}),
        trading("BNB", "USDT", {"0.01", "611.08", "25", 7, 3}),
        trading("EUR", "USDT", {"0.0001", "1.0868", "20000", 5, 0.8}),
        trading("XRP", "USDT", {"0.0001", "0.5307", "30000", 6, 0.9}),
        delisted("BTC", "RUB", "3862000", "1"),
        delisted("ETH", "RUB", "184500.0", "0.1"),
        delisted("USDT", "RUB", "88.41", "0.01"),
    };
}

std::optional<std::pair<std::string, std::string>> split_symbol(std::string_view symbol) {
    constexpr std::array<std::string_view, 7> quotes{"USDT", "BUSD", "BTC", "ETH", "EUR", "BRL", "USD"};
    for (const auto quote : quotes) {
        if (symbol.size() > quote.size() && symbol.ends_with(quote))
            return std::pair{std::string{symbol.substr(0, symbol.size() - quote.size())}, std::string{quote}};
    }
    return std::nullopt;
}

}  // namespace sim
