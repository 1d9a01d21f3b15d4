#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/venue/tops.hpp"

namespace kurs::okx {

using simdjson::dom::element;

/// The text of a member, or empty if it is missing or not a string.
std::string_view text_of(const element& object, std::string_view key);

struct Level {
    Rate price;
    bool has_offer = false;  ///< false: a quantity of zero
};

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

/// Of an entry that is a whole book.
result<Top> top_of(const BookEntry& entry);

}  // namespace kurs::okx
