#include "venues/binance/book.hpp"

#include <algorithm>

namespace kurs::binance {
namespace {

constexpr TimePoint undated{};

bool is_removed(const SideChange& change, Rate price) {
    return std::ranges::find(change.removed, price) != change.removed.end();
}

/// Levels that an event does not name are unchanged, so it contradicts a book only by what it names.
bool contradicts(const DepthEvent& event, const Tick& book) {
    const bool has_better_bid = event.bids.best && *event.bids.best > book.bid;
    const bool has_better_ask = event.asks.best && *event.asks.best < book.ask;
    return has_better_bid || has_better_ask || is_removed(event.bids, book.bid) ||
           is_removed(event.asks, book.ask);
}

}  // namespace

std::optional<Tick> Book::update(Rate bid, Rate ask, std::uint64_t update_id, TimePoint received_at) {
    const auto known_at = date(update_id, received_at);
    held_ = Tick{symbol_, bid, ask, known_at.value_or(undated), update_id};
    newest_id_ = checked_id_ = update_id;
    moved_since_confirmation_ = true;
    is_doubted_ = false;
    Tick newest = *held_;
    for (const auto& event : events_) {
        if (event.final_id < update_id) continue;
        check_held(event);
        if (!held_) break;
        newest = *held_;
    }
    if (newest.observed_at == undated) return std::nullopt;
    return newest;
}

std::optional<TimePoint> Book::date(std::uint64_t update_id, TimePoint received_at) const {
    if (events_.empty()) {
        if (!last_ticker_) return std::nullopt;
        return last_ticker_->at +
               std::clamp(received_at - last_ticker_->received_at, Duration{0}, dating_error_limit);
    }
    const auto is_before = [&](const DepthEvent& event) { return event.final_id < update_id; };
    const auto before = std::ranges::find_if(events_.rbegin(), events_.rend(), is_before);
    if (before == events_.rend()) return std::nullopt;
    auto at = before->at;
    if (before == events_.rbegin()) at = std::max(at, unchanged_until());
    // The previous book was true at its date, and this one is newer.
    return held_ ? std::max(at, held_->observed_at) : at;
}

TimePoint Book::unchanged_until() const {
    return last_ticker_ ? last_ticker_->at - depth_every - depth_lag_ : undated;
}

void Book::retract(std::uint64_t update_id) {
    newest_id_ = std::max(newest_id_, update_id);
    held_.reset();
}

std::optional<Tick> Book::confirm(Rate last_price, TimePoint event_at, TimePoint received_at) {
    last_ticker_ = Event{std::min(event_at, received_at), received_at};
    const bool is_new_price = last_price_ != last_price;
    if (is_new_price && last_price_ && !moved_since_confirmation_) is_doubted_ = true;
    last_price_ = last_price;
    moved_since_confirmation_ = false;
    if (!held_ || is_doubted_) return std::nullopt;
    const bool is_within = held_->bid <= last_price && last_price <= held_->ask;
    if (is_new_price && !is_within) return std::nullopt;
    date_held(events_.empty() ? last_ticker_->at : unchanged_until());
    return held_;
}

std::optional<Tick> Book::follow(DepthEvent event, TimePoint received_at) {
    event.at = std::min(event.at, received_at);
    depth_lag_ = last_ticker_ ? std::max(last_ticker_->at - event.at, Duration{0}) : Duration{0};
    if (held_ && held_->sequence > event.final_id) {
        date_held(event.at);
    } else if (held_) {
        check_held(event);
    }
    events_.push_back(std::move(event));
    if (events_.size() > kept_events) events_.pop_front();
    return held_;
}

void Book::date_held(TimePoint at) {
    held_->observed_at = std::max(held_->observed_at, at);
}

void Book::check_held(const DepthEvent& event) {
    if (event.first_id > checked_id_ + 1 || contradicts(event, *held_)) {
        held_.reset();
        return;
    }
    checked_id_ = event.final_id;
    date_held(event.at);
}

}  // namespace kurs::binance
