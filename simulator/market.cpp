#include "market.hpp"

#include <algorithm>
#include <cmath>

namespace sim {
namespace {

constexpr double share_of_steps_that_move = 0.4;
constexpr double share_of_steps_that_trade = 0.3;

std::int64_t ticks(double distance) {
    return static_cast<std::int64_t>(std::llround(distance));
}

}  // namespace

double mid(const Book& book) {
    return (approximate(book.bid) + approximate(book.ask)) / 2;
}

Market::Market(std::vector<Instrument> instruments, std::uint64_t seed, Instant now) : random_(seed) {
    for (auto& instrument : instruments) list(std::move(instrument), now);
}

const Listing* Market::find(std::string_view symbol) const {
    const auto found = listings_.find(symbol);
    return found == listings_.end() ? nullptr : &found->second;
}

Listing* Market::listing(std::string_view symbol) {
    const auto found = listings_.find(symbol);
    return found == listings_.end() ? nullptr : &found->second;
}

void Market::list(Instrument instrument, Instant now) {
    Listing fresh{.instrument = std::move(instrument), .book = {}, .last = {}, .day = {}};
    const auto& start = fresh.instrument.start;
    fresh.book = {.update_id = 400'000'000 + static_cast<std::int64_t>(random_() % 100'000'000),
                  .bid = start,
                  .bid_quantity = quantity(fresh.instrument),
                  .ask = start + fresh.instrument.tick,
                  .ask_quantity = quantity(fresh.instrument)};
    fresh.last = {.id = 1'000'000, .price = start, .quantity = fresh.instrument.lot, .at = now};
    fresh.day = {.open = Amount{start.units / 1000 * 997},
                 .high = Amount{start.units / 1000 * 1006},
                 .low = Amount{start.units / 1000 * 989},
                 .volume = fresh.instrument.lot * 3000};
    // The day's open and extremes are prices, so they are whole ticks.
    for (auto* price : {&fresh.day.open, &fresh.day.high, &fresh.day.low})
        price->units -= price->units % fresh.instrument.tick.units;
    listings_.insert_or_assign(fresh.instrument.symbol, fresh);
}

std::optional<Trade> Market::step(std::string_view symbol, Instant now) {
    auto* const found = listing(symbol);
    if (!found || found->instrument.status != Status::trading) return std::nullopt;
    auto& book = found->book;
    book.update_id += 1 + static_cast<std::int64_t>(random_() % 4);
    const bool buyers_side = chance(0.5);
    (buyers_side ? book.bid_quantity : book.ask_quantity) = quantity(found->instrument);
    if (!found->is_pinned && chance(share_of_steps_that_move)) move_prices(*found);
    if (found->is_pinned || !chance(share_of_steps_that_trade)) return std::nullopt;
    return trade(*found, buyers_side ? book.bid : book.ask, now);
}

void Market::move_prices(Listing& listing) {
    const auto& instrument = listing.instrument;
    auto& book = listing.book;
    std::normal_distribution<double> noise(0.0, instrument.move_ticks);
    const auto away =
        static_cast<double>((instrument.start - book.bid).units) / static_cast<double>(instrument.tick.units);
    const auto move = ticks(noise(random_) + instrument.pull * away);
    const auto bid = book.bid + instrument.tick * move;
    const auto highest_bid = instrument.ceiling - instrument.tick;
    book.bid = std::clamp(bid, instrument.floor, highest_bid);
    // A spread of one tick, which is typical of liquid pairs.
    book.ask = book.bid + instrument.tick;
}

Trade Market::trade(Listing& listing, Amount price, Instant now) {
    auto& last = listing.last;
    last.id += 1;
    last.price = price;
    last.quantity = Amount{std::max<std::int64_t>(quantity(listing.instrument).units / 50, 1000)};
    last.at = now;
    last.buyer_is_maker = price == listing.book.bid;
    listing.day.high = std::max(listing.day.high, price);
    listing.day.low = std::min(listing.day.low, price);
    listing.day.volume = listing.day.volume + last.quantity;
    return last;
}

Amount Market::quantity(const Instrument& instrument) {
    const auto share = 1 + static_cast<std::int64_t>(random_() % 20'000);
    const std::int64_t exact = instrument.lot.units / 10'000 * share;
    return {exact - exact % 1000};  // five decimals, the usual lot step
}

bool Market::chance(double probability) {
    return static_cast<double>(random_() % 10'000) < probability * 10'000;
}

bool Market::pin(std::string_view symbol, Amount bid, Amount ask, Instant now) {
    auto* const found = listing(symbol);
    if (!found) return false;
    found->is_pinned = true;
    found->book.update_id += 1;
    found->book.bid = bid;
    found->book.ask = ask;
    trade(*found, bid, now);
    return true;
}

bool Market::release(std::string_view symbol) {
    auto* const found = listing(symbol);
    if (!found) return false;
    found->is_pinned = false;
    return true;
}

void Market::take_from_capture(Instrument instrument, const Book& first, Instant now) {
    const auto symbol = instrument.symbol;
    list(std::move(instrument), now);
    auto& taken = listings_.find(symbol)->second;
    taken.is_replayed = true;
    taken.book = first;
    taken.last.price = first.bid;
}

void Market::replay_book(std::string_view symbol, const Book& book, Instant now) {
    auto* const found = listing(symbol);
    if (!found) return;
    found->book = book;
    trade(*found, book.bid, now);
}

}  // namespace sim
