// Records ten minutes at ten times the usual rate while Postgres is away, in compressed time: 160 rows for
// each of 600 seconds. tools/check_outage.py stops and starts Postgres, and counts what is there afterwards.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "kurs/history/archiver.hpp"
#include "kurs/postgres/history.hpp"
#include "tools/wide_market.hpp"

namespace kurs::postgres::testing {
namespace {

namespace net = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr std::size_t directions = 80, venues = 2;
constexpr int seconds_before = 10, seconds_away = 600;

MarketMap tenfold_market() {
    auto map = wide_market();
    for (std::size_t i = map.directions.size(); i < directions; ++i)
        map.directions.push_back(direction("X" + std::to_string(i) + "-USD"));
    return map;
}

class Outage {
public:
    explicit Outage(const std::string& url)
        : archive_(make_archive(url, map_, 24h)),
          archiver_(loop_.get_executor(), clock_, outbox_, *archive_, [](history::Recovered) {}) {
        net::co_spawn(loop_, archiver_.run(), net::detached);
    }

    void run() {
        record(seconds_before);
        run_until([this] { return outbox_.waiting() == 0; });
        wait_for_driver("written");
        record(seconds_away);
        run_until([this] { return !archiver_.is_writing(); });
        std::cout << outbox_.waiting() << " rows wait" << std::endl;
        wait_for_driver("away");
        const auto back_at = Steady::now();
        run_until([this] { return outbox_.waiting() == 0; });
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - back_at);
        archiver_.finish();
        loop_.run();
        std::cout << archiver_.written() << " rows written and " << outbox_.lost() << " lost, "
                  << took.count() << " ms after Postgres was back" << std::endl;
    }

private:
    /// The seconds after the recorded ones, all in the past.
    void record(int seconds) {
        for (const auto end = second_ + seconds; second_ < end; ++second_) {
            const auto at = begin_ + 1s * second_ + 417ms;
            for (std::size_t i = 0; i < venues * directions; ++i) {
                const auto price = rate("61234." + std::to_string(10'000'000 + second_));
                Quote quote{
                    VenueId(i % venues), DirectionId(i / venues), price, price, price, at, at + 5s, {}};
                for (const auto symbol : {btcusdt, usdcusdt, tether_rub, tether_usd})
                    quote.legs.push_back({symbol, symbol == usdcusdt, price, price, at});
                outbox_.add(quote, at);
            }
        }
        outbox_.close_seconds(clock_.now());
    }

    void run_until(const std::function<bool()>& condition) {
        while (!condition()) loop_.run_one_for(100ms);
    }

    static void wait_for_driver(std::string_view state) {
        std::cout << state << std::endl;
        std::string line;
        std::getline(std::cin, line);
    }

    MarketMap map_ = tenfold_market();
    net::io_context loop_{1};
    Clock clock_;
    TimePoint begin_ = std::chrono::floor<std::chrono::seconds>(clock_.now()) - 1h;
    int second_ = 0;
    history::Outbox outbox_{500'000};
    std::unique_ptr<history::Archive> archive_;
    history::Archiver archiver_;
};

}  // namespace
}  // namespace kurs::postgres::testing

int main() {
    const char* const url = std::getenv("DATABASE_URL");
    if (!url) {
        std::cerr << "run tools/check_outage.py\n";
        return 2;
    }
    kurs::postgres::testing::Outage(url).run();
}
