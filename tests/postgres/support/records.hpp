#pragma once

#include "kurs/postgres/history.hpp"
#include "support/database.hpp"
#include "support/market.hpp"

namespace kurs::postgres::testing {

using namespace kurs::testing;

/// For a call that must not reach its limit.
inline constexpr Duration long_enough = 60s;

/// The system clock's time: the database drops old rows by its own clock.
TimePoint clock_now();

/// BTC-USD at Binance, made of two legs that are 100 and 300 ms old.
history::QuoteRecord btc_at(TimePoint at, std::string_view value);
history::QuoteRecord quote_at(TimePoint at, VenueId venue, DirectionId direction, std::string_view value);

/// From then on the venue cannot make BTC-USD.
history::QuoteRecord loss_at(TimePoint at, VenueId venue = binance);

/// An empty database and an opened archive with a retention period of a century.
struct ArchiveTest : DatabaseTest {
    MarketMap map = small_market();
    std::unique_ptr<history::Archive> archive = make_archive(database.url(), map, std::chrono::days(36'500));
    std::unique_ptr<history::Source> source = make_history_source(database.url(), map);

    ArchiveTest() { archive->open(long_enough).value(); }

    std::size_t save(std::vector<history::QuoteRecord> quotes) {
        return archive->save({std::move(quotes), {}}, long_enough).value();
    }
    void save(ActiveChange change) { archive->save({{}, {std::move(change)}}, long_enough).value(); }

    CandlePage candles(CandleInterval interval, TimePoint from, TimePoint to, std::size_t limit = 100) {
        const CandlesQuestion question{binance, btc_usd, interval, from, to, limit};
        return std::get<CandlePage>(source->find(question, long_enough).value());
    }
};

/// "12:00 1 4 1 2 (3)": start time, open, high, low, close, and the count.
std::string to_text(const Candle& candle);
std::vector<std::string> to_texts(const CandlePage& page);

}  // namespace kurs::postgres::testing
