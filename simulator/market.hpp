#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "clock.hpp"
#include "instruments.hpp"

namespace sim {

/// The top of an order book.
struct Book {
    std::int64_t update_id = 0;
    Amount bid;
    Amount bid_quantity;
    Amount ask;
    Amount ask_quantity;
};

struct Trade {
    std::int64_t id = 0;
    Amount price;
    Amount quantity;
    Instant at;
    bool buyer_is_maker = false;
};

/// The last 24 hours.
struct Day {
    Amount open;
    Amount high;
    Amount low;
    Amount volume;
};

struct Listing {
    Instrument instrument;
    Book book;
    Trade last;
    Day day;
    bool is_pinned = false;
    bool is_replayed = false;  ///< its books come from a capture; it does not walk
};

double mid(const Book& book);

/// All books of the exchange and the seeded walk that moves them.
class Market {
public:
    Market(std::vector<Instrument> instruments, std::uint64_t seed, Instant now);

    const Listing* find(std::string_view symbol) const;
    const std::map<std::string, Listing, std::less<>>& listings() const { return listings_; }

    /// Sets the next book of a traded symbol. Returns the trade that moved it, if any.
    std::optional<Trade> step(std::string_view symbol, Instant now);

    /// Fixes the prices: steps change quantities only. The last trade is at the bid. Returns false for
    /// unknown symbols.
    bool pin(std::string_view symbol, Amount bid, Amount ask, Instant now);
    bool release(std::string_view symbol);

    /// Lists a symbol of a capture, or replays a listed one, from its first book.
    void take_from_capture(Instrument instrument, const Book& first, Instant now);
    void replay_book(std::string_view symbol, const Book& book, Instant now);

private:
    Listing* listing(std::string_view symbol);
    void list(Instrument instrument, Instant now);
    void move_prices(Listing& listing);
    Trade trade(Listing& listing, Amount price, Instant now);
    Amount quantity(const Instrument& instrument);
    bool chance(double probability);

    std::mt19937_64 random_;
    std::map<std::string, Listing, std::less<>> listings_;
};

}  // namespace sim
