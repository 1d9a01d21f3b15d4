#include "support/records.hpp"

#include "kurs/domain/time_text.hpp"

namespace kurs::postgres::testing {

TimePoint clock_now() {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

history::QuoteRecord btc_at(TimePoint at, std::string_view value) {
    auto record = quote_at(at, binance, btc_usd, value);
    record.quote->legs = {{btcusdt, false, rate("61234.50000001"), rate("61234.6"), at - 100ms},
                          {usdcusdt, true, rate("0.9998"), rate("0.9999"), at - 300ms}};
    return record;
}

history::QuoteRecord quote_at(TimePoint at, VenueId venue, DirectionId direction, std::string_view value) {
    const auto price = rate(value);
    const Quote quote{venue, direction, price, price, price, at - 300ms, at + 4700ms, {}};
    return {at, venue, direction, quote};
}

history::QuoteRecord loss_at(TimePoint at, VenueId venue) {
    return {at, venue, btc_usd, std::nullopt};
}

std::string to_text(const Candle& candle) {
    return to_rfc3339(candle.start).substr(11, 8) + " " + to_string(candle.open) + " " +
           to_string(candle.high) + " " + to_string(candle.low) + " " + to_string(candle.close) + " (" +
           std::to_string(candle.count) + ")";
}

std::vector<std::string> to_texts(const CandlePage& page) {
    std::vector<std::string> texts;
    for (const auto& candle : page.candles) texts.push_back(to_text(candle));
    return texts;
}

}  // namespace kurs::postgres::testing
