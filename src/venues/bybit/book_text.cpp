#include "venues/bybit/book_text.hpp"

#include <algorithm>
#include <functional>

#include "kurs/venue/venue_time.hpp"

namespace kurs::bybit {
namespace {

/// The price of the best level of a side.
result<Rate> best_price(const element& book, std::string_view key) {
    simdjson::dom::array levels;
    if (book.at_key(key).get(levels) != simdjson::SUCCESS) return errc::malformed;
    if (levels.size() == 0) return errc::not_positive;
    const auto best = read_level(levels.at(0));
    if (!best) return best.error();
    if (!best->has_offer) return errc::not_positive;
    return best->price;
}

template <class IsBetter>
bool keeps_side(const element& book, std::string_view key, Rate held, IsBetter is_better) {
    simdjson::dom::array changed;
    if (book.at_key(key).get(changed) != simdjson::SUCCESS) return false;
    return std::ranges::all_of(changed, [&](const element& each) {
        const auto level = read_level(each);
        if (!level) return false;
        return level->has_offer ? !is_better(level->price, held) : level->price != held;
    });
}

result<TimePoint> read_time(const element& object, std::string_view key, TimePoint received_at) {
    std::int64_t milliseconds = 0;
    if (object.at_key(key).get(milliseconds) != simdjson::SUCCESS || milliseconds < 0) return errc::malformed;
    const TimePoint at{Duration{milliseconds}};
    if (at > received_at + clock_difference_limit) return errc::malformed;
    return at;
}

}  // namespace

result<BookText> read_book(const element& times, const element& levels, TimePoint received_at) {
    BookText book;
    book.symbol = text_of(levels, "s");
    const bool is_numbered = levels.at_key("u").get(book.update_id) == simdjson::SUCCESS &&
                             levels.at_key("seq").get(book.sequence) == simdjson::SUCCESS;
    const auto sent_at = read_time(times, "ts", received_at);
    const auto matched_at = read_time(times, "cts", received_at);
    if (!is_numbered || book.sequence == 0 || !sent_at || !matched_at) return errc::malformed;
    book.sent_at = *sent_at;
    book.matched_at = *matched_at;
    book.levels = levels;
    return book;
}

result<Top> read_top(const BookText& snapshot) {
    const auto bid = best_price(snapshot.levels, "b"), ask = best_price(snapshot.levels, "a");
    if (!bid) return bid.error();
    if (!ask) return ask.error();
    return make_top(*bid, *ask);
}

bool keeps(const BookText& delta, const Top& top) {
    return keeps_side(delta.levels, "b", top.bid, std::greater<>{}) &&
           keeps_side(delta.levels, "a", top.ask, std::less<>{});
}

}  // namespace kurs::bybit
