#include "kurs/store/outbox.hpp"

#include <algorithm>

namespace kurs {
namespace {

auto second_of(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

/// Moves at most `most` from the front of `queue` to `batch`.
template <class Row>
void move_front(std::deque<Row>& queue, std::vector<Row>& batch, std::size_t most) {
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(std::min(most, queue.size()));
    batch.assign(std::move_iterator(queue.begin()), std::move_iterator(end));
    queue.erase(queue.begin(), end);
}

}  // namespace

void Outbox::add(const Quote& quote, TimePoint now) {
    add(QuoteRecord{now, quote.venue, quote.direction, quote});
}

void Outbox::add_loss(VenueId venue, DirectionId direction, TimePoint now) {
    add(QuoteRecord{now, venue, direction, std::nullopt});
}

void Outbox::add(QuoteRecord record) {
    auto [held, is_first] = open_.try_emplace({record.venue, record.direction}, record);
    if (is_first) return;
    if (second_of(held->second.recorded_at) != second_of(record.recorded_at))
        enqueue(std::move(held->second));
    held->second = std::move(record);
}

void Outbox::add(ActiveChange change) {
    changes_.push_back(std::move(change));
    if (changes_.size() + batch_.changes.size() <= most_rows_) return;
    changes_.pop_front();
    ++lost_;
}

void Outbox::close_seconds(TimePoint now) {
    std::vector<QuoteRecord> closed;
    for (auto held = open_.begin(); held != open_.end();) {
        const auto current = held++;
        if (second_of(current->second.recorded_at) >= second_of(now)) continue;
        closed.push_back(std::move(current->second));
        open_.erase(current);
    }
    std::ranges::sort(closed, {}, &QuoteRecord::recorded_at);
    for (auto& record : closed) enqueue(std::move(record));
}

void Outbox::enqueue(QuoteRecord record) {
    quotes_.push_back(std::move(record));
    if (waiting() <= most_rows_) return;
    quotes_.pop_front();
    ++lost_;
}

const Batch& Outbox::next(std::size_t most) {
    if (batch_.quotes.empty() && batch_.changes.empty()) {
        // What is being written cannot give way: the other half can.
        const auto largest = std::min(most, most_rows_ / 2);
        move_front(quotes_, batch_.quotes, largest);
        move_front(changes_, batch_.changes, largest);
    }
    return batch_;
}

void Outbox::written() {
    batch_ = {};
}

TimePoint Outbox::unwritten_since(TimePoint now) const {
    auto since = now;
    const auto consider = [&since](TimePoint time) { since = std::min(since, time); };
    if (!batch_.quotes.empty()) consider(batch_.quotes.front().recorded_at);
    if (!batch_.changes.empty()) consider(batch_.changes.front().at);
    if (!quotes_.empty()) consider(quotes_.front().recorded_at);
    if (!changes_.empty()) consider(changes_.front().at);
    for (const auto& [series, record] : open_) consider(record.recorded_at);
    return since;
}

}  // namespace kurs
