#include "bench/wide_market.hpp"

#include <utility>

namespace kurs::bench {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'800'000'000s};
constexpr VenueId exchanger{0};

MarketMap make_map(std::size_t directions) {
    MarketMap map;
    map.venues = {"binance"};
    map.exchangers = {exchanger};
    for (std::size_t i = 0; i < directions; ++i) {
        const auto coin = "C" + std::to_string(1000 + i);
        map.symbols.push_back({exchanger, coin + "USDT", coin, "USDT", {}});
        map.directions.push_back(Direction::parse(coin + "-USD").value());
        map.routes.push_back({exchanger, DirectionId(i), {{SymbolId(i), false, 5s}}, {}});
    }
    return map;
}

Rate price(std::uint64_t number) {
    return Rate::parse(std::to_string(60000 + number % 1000) + ".123456").value();
}

}  // namespace

WideMarket::WideMarket(std::size_t directions)
    : map_(make_map(directions)),
      board_(map_, 30s),
      api_({board_, failovers_, [] { return std::vector<std::string>(); },
            [] { return std::vector<FeedReport>(); }, [](VenueId, TimePoint) {}},
           "") {
    for (std::size_t i = 0; i < directions; ++i) board_.apply(quote(i, i));
    board_.choose_active(noon);
    topic_ = std::make_unique<api::Topic>(board_, api::CoursesQuery{}, noon);
    topic_->snapshot(noon);
    position_ = topic_->newest();
}

Quote WideMarket::quote(std::size_t direction, std::uint64_t number) const {
    const auto value = price(number);
    return {exchanger, DirectionId(direction),
            value,     value,
            value,     noon,
            noon + 1h, {{SymbolId(direction), false, value, value, noon}}};
}

void WideMarket::change() {
    ++changes_;
    BoardChange change;
    change.version = board_.version() + 1;
    change.visible_at = noon;
    change.quotes.push_back(quote(changes_ % map_.directions.size(), changes_));
    board_.apply(change);
}

/// tools/count_instructions.py counts the instructions of these two functions by their names.
[[gnu::noinline]] std::size_t WideMarket::answer() {
    const auto outcome = api_.answer({.target = "/api/v1/courses", .if_none_match = {}}, noon);
    return std::get<api::ResponseView>(outcome).body.size();
}

[[gnu::noinline]] std::size_t WideMarket::tell() {
    const auto message = topic_->news_since(position_, noon);
    position_ = topic_->newest();
    return message ? message->event_stream().size() : 0;
}

}  // namespace kurs::bench
