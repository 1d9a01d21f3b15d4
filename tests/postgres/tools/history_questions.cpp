// Asks the history of DATABASE_URL, as tools/bench_history.py made it, and says how long the answers took.
//
//     history_questions <first day, as 2026-10-01> <days> <questions of each kind>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>

#include "kurs/domain/time_text.hpp"
#include "kurs/postgres/history.hpp"
#include "tools/wide_market.hpp"

namespace kurs::postgres::testing {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Kind {
    std::string name;
    CandleInterval interval{};
    Duration span{};
    std::size_t limit = 0;
};

const std::vector<Kind> candle_kinds{
    {"a day by minute", CandleInterval::minute, 24h, 1440},
    {"a month by hour", CandleInterval::hour, 30 * 24h, 720},
    {"1000 seconds", CandleInterval::second, 1000s, 1000},
    {"1000 seconds of all", CandleInterval::second, 30 * 24h, 1000},
    {"1000 minutes of all", CandleInterval::minute, 30 * 24h, 1000},
    {"a day by 5 minutes", CandleInterval::five_minutes, 24h, 288},
    {"a week by 15 minutes", CandleInterval::quarter_hour, 7 * 24h, 672},
    {"a month by day", CandleInterval::day, 30 * 24h, 30},
};

class Asking {
public:
    Asking(const std::string& url, TimePoint first, int days, int count)
        : first_(first), days_(days), count_(count), source_(make_history_source(url, map_)) {}

    void run() {
        ask_active();  // connects
        std::cout << std::left << std::setw(24) << "question" << std::right << std::setw(10) << "median"
                  << std::setw(10) << "p99" << std::setw(10) << "most" << std::setw(10) << "rows"
                  << "  (ms)\n";
        for (const auto& kind : candle_kinds) {
            measure(kind.name, [&] { return ask_candles(kind); });
        }
        measure("a course at a moment", [this] { return ask_course(); });
        measure("an active course", [this] { return ask_active(); });
    }

private:
    std::size_t ask_candles(const Kind& kind) {
        const auto room = std::chrono::days(days_) - kind.span;
        const auto days = std::max<Duration::rep>(room / std::chrono::days(1), 0) + 1;
        auto from = first_ + std::chrono::days(pick(days));
        if (kind.span < 24h) from += std::chrono::seconds(pick(86'400 - 1000));
        return source_
            ->find_candles({venue(), direction(), kind.interval, from, from + kind.span, kind.limit})
            .value()
            .candles.size();
    }

    std::size_t ask_course() {
        return source_->find_course({venue(), direction(), moment()})->quote->legs.size();
    }
    std::size_t ask_active() { return source_->find_course({{}, direction(), moment()})->quote->legs.size(); }

    void measure(const std::string& name, const std::function<std::size_t()>& ask) {
        std::vector<Milliseconds> took;
        std::size_t rows = 0;
        for (int i = 0; i < count_; ++i) {
            const auto start = Clock::now();
            rows = ask();
            took.push_back(Clock::now() - start);
        }
        std::ranges::sort(took);
        const auto at = [&took](std::size_t percent) {
            return took[(took.size() - 1) * percent / 100].count();
        };
        std::cout << std::left << std::setw(24) << name << std::right << std::fixed << std::setprecision(2)
                  << std::setw(10) << at(50) << std::setw(10) << at(99) << std::setw(10) << at(100)
                  << std::setw(10) << rows << std::endl;
    }

    Duration::rep pick(Duration::rep count) {
        return std::uniform_int_distribution<Duration::rep>(0, count - 1)(random_);
    }
    VenueId venue() { return pick(2) == 0 ? binance : coingecko; }
    DirectionId direction() { return DirectionId(pick(8)); }
    TimePoint moment() {
        return first_ + Duration(1000 + pick(Duration(std::chrono::days(days_)).count() - 1000));
    }

    MarketMap map_ = wide_market();
    TimePoint first_;
    int days_;
    int count_;
    std::mt19937_64 random_{20261121};
    std::unique_ptr<HistorySource> source_;
};

}  // namespace
}  // namespace kurs::postgres::testing

int main(int count, char** arguments) {
    const char* const url = std::getenv("DATABASE_URL");
    if (count != 4 || !url) {
        std::cerr << "DATABASE_URL=... history_questions <first day> <days> <questions of each kind>\n";
        return 2;
    }
    const auto first = kurs::parse_rfc3339(std::string(arguments[1]) + "T00:00:00Z").value();
    kurs::postgres::testing::Asking(url, first, std::stoi(arguments[2]), std::stoi(arguments[3])).run();
}
