#include "venues/bybit/subscription.hpp"

#include <algorithm>

namespace kurs::bybit {
namespace {

/// After a reconnect the venue may refuse a topic for a minute or two.
constexpr BackoffLimits subscribe_retry{std::chrono::seconds(5), std::chrono::minutes(1)};

/// The 50 levels of a liquid symbol change 50 times a second. So many confirmations would be wasted work.
constexpr Duration confirm_every{500};

}  // namespace

Subscription::Subscription(SymbolId symbol) : symbol_(symbol), backoff_(subscribe_retry, index(symbol) + 1) {}

result<Tick> Subscription::on_top(const BookText& book, Tops& tops, TimePoint received_at) {
    const Place place{book.sequence, book.update_id};
    const bool is_repeat = place == newest_;
    const bool is_restart = book.update_id == 1 && !is_repeat;
    if (!is_restart && place < newest_) return errc::out_of_order;
    // What has been contradicted is not confirmed by its repeat.
    if (is_repeat && !held_) return errc::out_of_order;
    const auto top = read_top(book);
    if (!top) {
        retract();
        if (top.error() == errc::malformed) return top.error();
        tops.withdraw(symbol_, book.sequence);
        newest_ = place;
        return top.error();
    }
    if (is_repeat && *top != *held_) return errc::malformed;
    if (is_restart) tops.restart(symbol_, place.sequence);
    const auto at = std::min(is_repeat ? book.sent_at : book.matched_at, received_at);
    const bool is_past_depth = is_repeat ? at > depth_at_ : place.sequence >= depth_.sequence;
    is_followed_ = is_past_depth || (is_repeat && is_followed_);
    newest_ = place;
    held_ = *top;
    confirmed_at_ = at;
    return tops.observe(symbol_, *top, place.sequence, at);
}

std::optional<Tick> Subscription::on_depth(const BookText& book, bool is_snapshot, Tops& tops,
                                           TimePoint received_at) {
    const Place place{book.sequence, book.update_id};
    const bool is_restart = place.update_id == 1;
    if (place < depth_ && !is_restart) return std::nullopt;
    const bool is_gapless = is_snapshot || place.update_id == depth_.update_id + 1;
    depth_ = place;
    depth_at_ = book.matched_at;
    tops.note(symbol_, place.sequence);
    if (!held_ || place.sequence < newest_.sequence) return std::nullopt;
    const auto top = is_snapshot ? read_top(book) : result<Top>(*held_);
    if (!top || *top != *held_ || (!is_snapshot && !keeps(book, *held_))) {
        retract();
        return std::nullopt;
    }
    is_followed_ = is_snapshot || (is_followed_ && is_gapless);
    const auto at = std::min(book.matched_at, received_at);
    if (!is_followed_ || at < confirmed_at_ + confirm_every) return std::nullopt;
    confirmed_at_ = at;
    // Under the top's own number: a top that arrives later may have been written earlier.
    const auto tick = tops.observe(symbol_, *held_, newest_.sequence, at);
    if (!tick) return std::nullopt;
    return *tick;
}

}  // namespace kurs::bybit
