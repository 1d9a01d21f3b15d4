#include "venues/okx/frame_text.hpp"

#include "kurs/domain/whole_number.hpp"
#include "kurs/venue/venue_time.hpp"

namespace kurs::okx {
namespace {

result<std::vector<Level>> read_side(const element& entry, std::string_view key) {
    simdjson::dom::array levels;
    if (entry.at_key(key).get(levels) != simdjson::SUCCESS) return errc::malformed;
    std::vector<Level> side;
    for (const element& each : levels) {
        const auto level = read_level(each);
        if (!level) return errc::malformed;
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

}  // namespace kurs::okx
