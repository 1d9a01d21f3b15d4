#include "venues/binance/book.hpp"

#include <algorithm>

namespace kurs::binance {

std::optional<Tick> Book::update(Rate bid, Rate ask, std::uint64_t update_id, TimePoint received_at) {
    held_ = Tick{symbol_, bid, ask, {}, update_id};
    newest_id_ = update_id;
    moved_since_confirmation_ = true;
    is_outdated_ = false;
    if (!last_event_) return std::nullopt;
    held_->observed_at =
        last_event_->at + std::clamp(received_at - last_event_->received_at, Duration{0}, dating_error_limit);
    return held_;
}

void Book::retract(std::uint64_t update_id) {
    newest_id_ = std::max(newest_id_, update_id);
    is_outdated_ = true;
}

std::optional<Tick> Book::confirm(Rate last_price, TimePoint event_at, TimePoint received_at) {
    last_event_ = Event{std::min(event_at, received_at), received_at};
    const bool is_new_price = last_price_ != last_price;
    if (is_new_price && last_price_ && !moved_since_confirmation_) is_outdated_ = true;
    last_price_ = last_price;
    moved_since_confirmation_ = false;
    if (!held_ || is_outdated_) return std::nullopt;
    const bool is_within = held_->bid <= last_price && last_price <= held_->ask;
    if (is_new_price && !is_within) return std::nullopt;
    held_->observed_at = std::max(held_->observed_at, last_event_->at);
    return held_;
}

}  // namespace kurs::binance
