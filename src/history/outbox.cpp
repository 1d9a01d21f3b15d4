#include "kurs/history/outbox.hpp"

#include <algorithm>

namespace kurs::history {
namespace {

auto second_of(TimePoint time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

}  // namespace

void Outbox::add(const QuoteRecord& record) {
    auto& [last, is_open] = series_[Series{record.venue, record.direction}];
    if (last.quote == record.quote) return;
    // Quiet series too, so that rows wait in the order of their seconds.
    if (second_of(record.recorded_at) > newest_second_) close_seconds(record.recorded_at);
    newest_second_ = std::max(newest_second_, second_of(record.recorded_at));
    if (is_open && second_of(last.recorded_at) != second_of(record.recorded_at)) enqueue(last);
    last = record;
    is_open = true;
}

void Outbox::add(const ActiveChange& change) {
    if (last_change_ == change) return;
    last_change_ = change;
    changes_.push_back(change);
    if (changes_.size() + batch_.changes.size() <= most_rows_) return;
    changes_.pop_front();
    ++lost_;
}

void Outbox::note_known(const Quote& quote) {
    auto& newest = series_[Series{quote.venue, quote.direction}];
    if (newest.is_open) enqueue(newest.last);
    newest = {QuoteRecord{quote.observed_at, quote.venue, quote.direction, quote}};
}

void Outbox::close_seconds(TimePoint now) {
    std::vector<QuoteRecord> closed;
    for (auto& [series, newest] : series_) {
        if (!newest.is_open || second_of(newest.last.recorded_at) >= second_of(now)) continue;
        closed.push_back(newest.last);
        newest.is_open = false;
    }
    std::ranges::stable_sort(closed, {}, &QuoteRecord::recorded_at);
    for (const auto& record : closed) enqueue(record);
}

void Outbox::enqueue(const QuoteRecord& record) {
    quotes_.push(record);
    if (waiting() <= most_rows_) return;
    quotes_.pop();
    ++lost_;
}

const Batch& Outbox::next(std::size_t most) {
    if (batch_.size() > 0) return batch_;
    // The batch being written cannot be dropped, so it takes at most half of the limit.
    const auto largest = std::min(most, most_rows_ / 2);
    while (!quotes_.empty() && batch_.quotes.size() < largest) batch_.quotes.push_back(quotes_.pop());
    // Each is a statement of its own.
    const auto most_changes = std::min<std::size_t>(largest, 100);
    for (; !changes_.empty() && batch_.changes.size() < most_changes; changes_.pop_front())
        batch_.changes.push_back(std::move(changes_.front()));
    return batch_;
}

TimePoint Outbox::unwritten_since(TimePoint now) const {
    auto since = now;
    const auto include = [&since](TimePoint at) { since = std::min(since, at); };
    if (!batch_.quotes.empty()) include(second_of(batch_.quotes.front().recorded_at));
    if (!batch_.changes.empty()) include(batch_.changes.front().at);
    if (!quotes_.empty()) include(second_of(quotes_.front_recorded_at()));
    if (!changes_.empty()) include(changes_.front().at);
    for (const auto& [series, newest] : series_) {
        if (newest.is_open) include(newest.last.recorded_at);
    }
    return since;
}

}  // namespace kurs::history
