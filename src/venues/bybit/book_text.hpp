#pragma once

#include <string_view>

#include "kurs/domain/time.hpp"
#include "kurs/venue/json_text.hpp"

namespace kurs::bybit {

using simdjson::dom::element;

/// The members of an order book, in a frame of the stream or a response of the REST API. The views are valid
/// until the parser reads the next document.
struct BookText {
    std::string_view symbol;
    std::uint64_t update_id = 0;  ///< 1 after a restart of the venue's service
    std::uint64_t sequence = 0;   ///< larger is later, whatever the depth
    TimePoint sent_at{};
    TimePoint matched_at{};  ///< the time of the matching engine
    element levels;
};

/// `times` has the members `ts` and `cts`, `levels` the others. Fails if a member is missing, or if a time is
/// further ahead of `received_at` than clocks may differ.
result<BookText> read_book(const element& times, const element& levels, TimePoint received_at);

/// The best levels of a snapshot. Fails with `not_positive` if a side has no offer, with `crossed` if the bid
/// is above the ask.
result<Top> read_top(const BookText& snapshot);

/// Whether the changed levels leave the top as it is. False if a level is malformed.
bool keeps(const BookText& delta, const Top& top);

}  // namespace kurs::bybit
