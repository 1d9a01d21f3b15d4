#pragma once

#include "kurs/postgres/history.hpp"
#include "support/database.hpp"
#include "support/market.hpp"

namespace kurs::postgres::testing {

using namespace kurs::testing;

/// What the system's clock says: the database drops what is old by its own.
TimePoint clock_now();

/// BTC-USD at Binance, made of two legs that are 100 and 300 ms old.
QuoteRecord btc_at(TimePoint at, std::string_view value);
QuoteRecord quote_at(TimePoint at, VenueId venue, DirectionId direction, std::string_view value);

/// From then on the venue cannot make BTC-USD.
QuoteRecord loss_at(TimePoint at, VenueId venue = binance);

/// An empty database and an archive that has been opened and keeps for a century.
struct ArchiveTest : DatabaseTest {
    MarketMap map = small_market();
    std::unique_ptr<Archive> archive = make_archive(database.url(), map, std::chrono::days(36'500));
    std::unique_ptr<HistorySource> source = make_history_source(database.url(), map);

    ArchiveTest() { archive->open().value(); }

    std::size_t save(std::vector<QuoteRecord> quotes) {
        return archive->save({std::move(quotes), {}}).value();
    }
    void save(ActiveChange change) { archive->save({{}, {std::move(change)}}).value(); }

    CandlePage candles(CandleInterval interval, TimePoint from, TimePoint to, std::size_t limit = 100) {
        return source->find_candles({binance, btc_usd, interval, from, to, limit}).value();
    }
};

/// "12:00 1 4 1 2 (3)": when in the day it begins, its open, high, low and close, and the count.
std::string to_text(const Candle& candle);
std::vector<std::string> to_texts(const CandlePage& page);

}  // namespace kurs::postgres::testing
