#pragma once

#include <deque>
#include <string>

#include "kurs/history/store.hpp"

namespace kurs::history {

/// Packed rows in order of arrival. A row with four legs takes about 150 bytes, a quarter of a QuoteRecord,
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

    /// Memory used by the rows.
    std::size_t bytes() const;

private:
    std::deque<std::string> blocks_;
    std::size_t read_ = 0;  ///< bytes of the first block that have been popped
    std::size_t size_ = 0;
};

}  // namespace kurs::history
