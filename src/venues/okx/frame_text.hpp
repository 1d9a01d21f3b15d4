#pragma once

#include <optional>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/venue/json_text.hpp"

namespace kurs::okx {

using simdjson::dom::element;

/// What a frame of `bbo-tbt` or `books`, or an answer of REST, says about a symbol's book.
struct BookEntry {
    std::vector<Level> bids, asks;
    TimePoint at{};
    std::uint64_t sequence = 0;            ///< seqId
    std::optional<std::int64_t> previous;  ///< prevSeqId, in `books` alone
};

/// Fails with `malformed` if a member is not what it should be, or the time is further ahead of `now` than
/// clocks may differ.
result<BookEntry> read_book_entry(const element& entry, TimePoint now);

}  // namespace kurs::okx
