#include "venues/kraken/book.hpp"

#include <algorithm>
#include <boost/crc.hpp>

namespace kurs::kraken {
namespace {

constexpr std::size_t checked_levels = 10;

/// A quantity is zero or a positive number. Zero removes the level.
result<bool> is_removal(std::string_view quantity) {
    const auto number = Rate::parse_number(quantity);
    if (number) return false;
    if (number.error() == errc::not_positive && !quantity.starts_with('-')) return true;
    return number.error();
}

bool has_exponent(std::string_view number) {
    return number.find_first_of("eE") != std::string_view::npos;
}

int decimals(std::string_view number) {
    const auto point = number.find('.');
    return point == std::string_view::npos ? 0 : static_cast<int>(number.size() - point - 1);
}

/// A number's digits at the precision of its pair, without point and leading zeros. The venue writes numbers
/// at that precision, or with an exponent.
std::string digits(std::string_view number, int pair_decimals) {
    std::string text(number);
    if (has_exponent(number)) {
        text = to_string(Rate::parse_number(number).value());
        const int missing = std::max(0, pair_decimals - decimals(text));
        text.append(static_cast<std::size_t>(missing), '0');
    }
    std::erase(text, '.');
    text.erase(0, text.find_first_not_of('0'));
    return text;
}

template <class Side>
void add_to(boost::crc_32_type& checksum, const Side& side) {
    std::size_t count = 0;
    for (const auto& [price, digits] : side) {
        if (count++ == checked_levels) return;
        checksum.process_bytes(digits.data(), digits.size());
    }
}

}  // namespace

result<void> Book::replace(const BookEntry& snapshot) {
    clear();
    return update(snapshot);
}

result<void> Book::update(const BookEntry& changes) {
    note_decimals(changes);
    const bool is_applied = changes.is_whole && apply(changes.bids, bids_) && apply(changes.asks, asks_);
    if (is_applied && is_sound(changes)) return {};
    clear();
    return errc::malformed;
}

result<Top> Book::top() const {
    if (bids_.empty() || asks_.empty()) return errc::not_positive;
    return make_top(bids_.begin()->first, asks_.begin()->first);
}

/// Applies the changes in order, then cuts the side to its depth: the venue does not report the levels that
/// an insertion pushes out. False if a change is malformed.
template <class Order>
bool Book::apply(const std::vector<LevelText>& changes, Side<Order>& side) {
    for (const LevelText& change : changes) {
        const auto price = Rate::parse_number(change.price);
        const auto removal = is_removal(change.quantity);
        if (!price || !removal) return false;
        if (*removal) {
            side.erase(*price);
        } else {
            side[*price] =
                digits(change.price, price_decimals_) + digits(change.quantity, quantity_decimals_);
        }
    }
    while (side.size() > book_depth) side.erase(std::prev(side.end()));
    return true;
}

/// Whether the book is what the venue has: asks from the best, then bids from the best.
bool Book::is_sound(const BookEntry& entry) const {
    boost::crc_32_type checksum;
    add_to(checksum, asks_);
    add_to(checksum, bids_);
    return entry.checksum == checksum.checksum();
}

/// Of the whole entry before any digits: a number with an exponent may come before the first plain one.
void Book::note_decimals(const BookEntry& entry) {
    for (const auto* side : {&entry.bids, &entry.asks}) {
        for (const LevelText& level : *side) {
            if (!has_exponent(level.price))
                price_decimals_ = std::max(price_decimals_, decimals(level.price));
            if (!has_exponent(level.quantity))
                quantity_decimals_ = std::max(quantity_decimals_, decimals(level.quantity));
        }
    }
}

void Book::clear() {
    bids_.clear();
    asks_.clear();
    price_decimals_ = quantity_decimals_ = 0;
}

}  // namespace kurs::kraken
