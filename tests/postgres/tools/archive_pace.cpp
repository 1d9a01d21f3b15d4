// Writes to the archive of DATABASE_URL as fast as it accepts batches, and prints the rows per second.
//
//     archive_pace <rows in a batch> <batches>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "kurs/postgres/history.hpp"
#include "tools/wide_market.hpp"

namespace kurs::postgres::testing {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

Rate varied(int whole, std::size_t row) {
    auto decimals = std::to_string(row * 7'919'000'017U % 1'000'000'000'000'000'000U);
    decimals.insert(0, 18 - decimals.size(), '0');
    return rate(std::to_string(whole) + "." + decimals);
}

/// Sixteen rows per second, as for eight directions at two venues.
history::QuoteRecord record_of(TimePoint first, std::size_t row) {
    const auto at = first + 1s * (row / 16) + 417ms;
    const VenueId venue{static_cast<std::uint8_t>(row % 2)};
    const DirectionId direction{static_cast<std::uint16_t>(row / 2 % 8)};
    Quote quote{
        venue,       direction, varied(61'233, row), varied(61'234, row), varied(61'235, row), at - 300ms,
        at + 4700ms, {}};
    for (const auto symbol : {btcusdt, usdcusdt, tether_rub, tether_usd}) {
        quote.legs.push_back(
            {symbol, symbol == usdcusdt, rate("61234.50000001"), rate("0.99981"), at - 300ms});
    }
    return {at, venue, direction, std::move(quote)};
}

void write(const std::string& url, std::size_t rows_in_batch, std::size_t batches) {
    const auto map = wide_market();
    const auto archive = make_archive(url, map, 24h * 36'500);
    archive->open(60s).value();
    std::vector<Milliseconds> took;
    std::size_t row = 0;
    for (std::size_t i = 0; i < batches; ++i) {
        history::Batch batch;
        while (batch.quotes.size() < rows_in_batch) batch.quotes.push_back(record_of(noon, row++));
        const auto start = Clock::now();
        archive->save(batch, long_enough).value();
        took.push_back(Clock::now() - start);
    }
    Milliseconds sum{};
    for (const auto each : took) sum += each;
    std::ranges::sort(took);
    std::cout << batches << " batches of " << rows_in_batch
              << " rows: " << static_cast<long>(static_cast<double>(row) * 1000 / sum.count())
              << " rows a second; a batch took " << took[took.size() / 2].count() << " ms in the median, "
              << took[took.size() * 99 / 100].count() << " ms at p99" << std::endl;
}

}  // namespace
}  // namespace kurs::postgres::testing

int main(int count, char** arguments) {
    const char* const url = std::getenv("DATABASE_URL");
    if (count != 3 || !url) {
        std::cerr << "DATABASE_URL=... archive_pace <rows in a batch> <batches>\n";
        return 2;
    }
    kurs::postgres::testing::write(url, std::stoul(arguments[1]), std::stoul(arguments[2]));
}
