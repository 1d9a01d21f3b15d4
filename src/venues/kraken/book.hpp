#pragma once

#include <functional>
#include <map>
#include <string>

#include "kurs/venue/tops.hpp"
#include "venues/kraken/frame_text.hpp"

namespace kurs::kraken {

/// The depth of the subscribed books. A deeper book changes more often, and each change confirms its top.
constexpr std::size_t book_depth = 100;

/// The order book of a symbol, as deep as it is subscribed to. Every change is checked against the venue's
/// checksum.
class Book {
public:
    /// Replaces the book. Fails with `malformed` if a level is not what it should be or the checksum differs;
    /// the book is then empty.
    result<void> replace(const BookEntry& snapshot);

    /// Applies an update to the book. Fails as `replace` does.
    result<void> update(const BookEntry& changes);

    /// Fails with `not_positive` if a side is empty, with `crossed` if the bid is above the ask.
    result<Top> top() const;

private:
    /// Price to the level's part of the checksum's text.
    template <class Order>
    using Side = std::map<Rate, std::string, Order>;

    template <class Order>
    bool apply(const std::vector<LevelText>& changes, Side<Order>& side);
    bool is_sound(const BookEntry& entry) const;
    void note_decimals(const BookEntry& entry);
    void clear();

    Side<std::greater<>> bids_;
    Side<std::less<>> asks_;
    int price_decimals_ = 0;     ///< of the plain numbers so far
    int quantity_decimals_ = 0;  ///< likewise
};

}  // namespace kurs::kraken
