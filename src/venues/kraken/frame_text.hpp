#pragma once

#include <simdjson.h>

#include <optional>
#include <string_view>
#include <vector>

namespace kurs::kraken {

namespace json = simdjson::ondemand;

/// A price level with its numbers as the venue wrote them: every digit counts, for the price and for the
/// checksum. Empty if a member is missing.
struct LevelText {
    std::string_view price, quantity;
};

/// One symbol's entry of a `book` frame. The views are valid until the parser reads the next frame.
struct BookEntry {
    std::string_view symbol;     ///< empty if it is not a string
    std::string_view timestamp;  ///< empty if there is none
    std::vector<LevelText> bids, asks;
    std::optional<std::uint32_t> checksum;
    bool is_whole = true;  ///< false if a member has another type than documented
};

/// Whether a member was read: false if it is missing or has another type. Throws simdjson_error on invalid
/// JSON, after which simdjson must not read the document again.
bool is_read(simdjson::error_code error);

/// Throws simdjson_error on invalid JSON, never on a member of an unexpected type.
BookEntry read_book_entry(json::value entry);

/// The text of a member, or empty if it is missing or not a string.
std::string_view text_of(json::object& object, std::string_view key);

}  // namespace kurs::kraken
