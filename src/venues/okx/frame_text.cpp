#include "venues/okx/frame_text.hpp"

#include "kurs/domain/whole_number.hpp"
#include "kurs/venue/venue_time.hpp"

namespace kurs::okx {
namespace {

/// ["41006.8","0.60038921","0","1"]: price and quantity.
result<Level> read_level(const element& level) {
    std::string_view price_text, quantity_text;
    const bool is_level = level.at(0).get(price_text) == simdjson::SUCCESS &&
                          level.at(1).get(quantity_text) == simdjson::SUCCESS;
    if (!is_level) return errc::malformed;
    const auto price = Rate::parse(price_text), quantity = Rate::parse(quantity_text);
    if (!price) return errc::malformed;
    if (!quantity && quantity.error() != errc::not_positive) return errc::malformed;
    return Level{*price, quantity.has_value()};
}

result<std::vector<Level>> read_side(const element& entry, std::string_view key) {
    simdjson::dom::array levels;
    if (entry.at_key(key).get(levels) != simdjson::SUCCESS) return errc::malformed;
    std::vector<Level> side;
    for (const element& each : levels) {
        const auto level = read_level(each);
        if (!level) return level.error();
        side.push_back(*level);
    }
    return side;
}

std::optional<std::int64_t> whole_number(const element& entry, std::string_view key) {
    std::int64_t number = 0;
    if (entry.at_key(key).get(number) != simdjson::SUCCESS) return std::nullopt;
    return number;
}

}  // namespace

std::string_view text_of(const element& object, std::string_view key) {
    std::string_view text;
    return object.at_key(key).get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

result<BookEntry> read_book_entry(const element& entry, TimePoint now) {
    auto bids = read_side(entry, "bids");
    if (!bids) return bids.error();
    auto asks = read_side(entry, "asks");
    if (!asks) return asks.error();
    const auto milliseconds = parse_whole_number<std::int64_t>(text_of(entry, "ts"));
    const auto sequence = whole_number(entry, "seqId");
    if (!milliseconds || *milliseconds < 0 || !sequence || *sequence <= 0) return errc::malformed;
    const TimePoint at{Duration{*milliseconds}};
    if (at > now + clock_difference_limit) return errc::malformed;
    return BookEntry{*std::move(bids), *std::move(asks), at, static_cast<std::uint64_t>(*sequence),
                     whole_number(entry, "prevSeqId")};
}

result<Top> top_of(const BookEntry& entry) {
    std::optional<Rate> bid, ask;
    for (const Level& level : entry.bids) {
        if (level.has_offer && (!bid || level.price > *bid)) bid = level.price;
    }
    for (const Level& level : entry.asks) {
        if (level.has_offer && (!ask || level.price < *ask)) ask = level.price;
    }
    return make_top(bid, ask);
}

}  // namespace kurs::okx
