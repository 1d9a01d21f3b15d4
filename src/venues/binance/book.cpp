#include "book.hpp"

namespace kurs::binance {

result<Tick> Book::update(Rate bid, Rate ask, std::uint64_t update_id, TimePoint observed_at) {
    if (held_ && update_id <= held_->sequence) return errc::out_of_order;
    held_ = Tick{symbol_, bid, ask, observed_at, update_id};
    moved_since_confirmation_ = true;
    is_outdated_ = false;
    return *held_;
}

std::optional<Tick> Book::confirm(Rate last_price, TimePoint observed_at) {
    const bool is_new_price = last_price_ != last_price;
    if (is_new_price && last_price_ && !moved_since_confirmation_) is_outdated_ = true;
    last_price_ = last_price;
    moved_since_confirmation_ = false;
    if (!held_ || is_outdated_) return std::nullopt;
    const bool is_within = held_->bid <= last_price && last_price <= held_->ask;
    if (is_new_price && !is_within) return std::nullopt;
    if (observed_at > held_->observed_at) held_->observed_at = observed_at;
    return held_;
}

}  // namespace kurs::binance
