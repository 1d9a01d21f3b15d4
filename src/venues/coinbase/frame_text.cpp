#include "venues/coinbase/frame_text.hpp"

#include <algorithm>
#include <functional>

namespace kurs::coinbase {
namespace {

constexpr std::size_t depth = 1000;

/// Reads the levels from `begin` to `end`.
template <class Iterator>
bool append(Iterator begin, Iterator end, std::vector<Level>& levels) {
    for (auto each = begin; each != end; ++each) {
        const auto level = read_level(*each);
        if (!level) return false;
        levels.push_back(*level);
    }
    return true;
}

template <class Better>
result<SideLevels> read_side(const element& book, std::string_view key) {
    simdjson::dom::array array;
    if (book.at_key(key).get(array) != simdjson::SUCCESS) return errc::malformed;
    SideLevels side;
    auto cut = array.begin();
    for (std::size_t i = 0; i < depth && cut != array.end(); ++i) ++cut;
    if (!append(array.begin(), cut, side.levels)) return errc::malformed;
    if (!(cut != array.end())) return side;
    auto last = cut;
    for (auto next = cut; next != array.end(); ++next) last = next;
    const auto worst = read_level(*last);
    if (!worst) return errc::malformed;
    const auto edge = side.levels.back().price;
    if (std::ranges::is_sorted(side.levels, Better{}, &Level::price) && Better{}(edge, worst->price)) {
        side.edge = edge;
    } else if (!append(cut, array.end(), side.levels)) {
        return errc::malformed;
    }
    return side;
}

}  // namespace

result<Levels> read_book(const element& book) {
    auto bids = read_side<std::greater<>>(book, "bids");
    if (!bids) return bids.error();
    auto asks = read_side<std::less<>>(book, "asks");
    if (!asks) return asks.error();
    return Levels{*std::move(bids), *std::move(asks)};
}

result<Levels> read_changes(const element& frame) {
    simdjson::dom::array changes;
    if (frame.at_key("changes").get(changes) != simdjson::SUCCESS) return errc::malformed;
    Levels levels;
    for (const element& each : changes) {
        std::string_view side;
        const bool has_side = each.at(0).get(side) == simdjson::SUCCESS && (side == "buy" || side == "sell");
        const auto level = read_level(each, 1);
        if (!has_side || !level) return errc::malformed;
        (side == "buy" ? levels.bids : levels.asks).levels.push_back(*level);
    }
    return levels;
}

result<VenueTime> read_time(const element& object, TimePoint received_at) {
    const auto time = parse_venue_time(text_of(object, "time"));
    if (time && time->at > received_at + clock_difference_limit) return errc::malformed;
    return time;
}

std::optional<std::uint64_t> read_sequence(const element& object) {
    std::uint64_t sequence = 0;
    if (object.at_key("sequence").get(sequence) != simdjson::SUCCESS) return std::nullopt;
    return sequence;
}

}  // namespace kurs::coinbase
