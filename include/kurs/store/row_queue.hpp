#pragma once

#include <deque>
#include <string>

#include "kurs/store/archive.hpp"

namespace kurs {

/// Rows in the order in which they came, packed: one with four legs takes some 130 bytes, a fifth of a
/// QuoteRecord's, so that hours of them fit into memory.
class RowQueue {
public:
    void push(const QuoteRecord& record);

    /// The oldest, which is removed. There must be one.
    QuoteRecord pop();

    /// When the oldest was recorded. There must be one.
    TimePoint front_recorded_at() const;

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

    /// Of memory, as far as rows take it.
    std::size_t bytes() const;

private:
    std::deque<std::string> blocks_;
    std::size_t read_ = 0;  ///< bytes of the first block that have been popped
    std::size_t size_ = 0;
};

}  // namespace kurs
