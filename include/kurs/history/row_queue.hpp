#pragma once

#include <deque>

#include "kurs/history/store.hpp"

namespace kurs::history {

/// Packed rows in order of arrival. A row with four legs takes about 160 bytes, a quarter of a QuoteRecord,
/// so hours of rows fit into memory.
class RowQueue {
public:
    void push(const QuoteRecord& record);

    /// Removes and returns the oldest row. Must not be empty.
    QuoteRecord pop();

    /// When the oldest row was recorded. Must not be empty.
    TimePoint front_recorded_at() const;

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

    /// Memory used by the rows. The deque allocates blocks of half a kilobyte, so it takes little more.
    std::size_t bytes() const { return bytes_.size(); }

private:
    std::deque<char> bytes_;
    std::size_t size_ = 0;
};

}  // namespace kurs::history
