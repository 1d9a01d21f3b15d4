#pragma once

#include <optional>
#include <vector>

#include "kurs/venue/json_text.hpp"
#include "kurs/venue/venue_time.hpp"

namespace kurs::coinbase {

using simdjson::dom::element;

struct SideLevels {
    std::vector<Level> levels;
    std::optional<Rate> edge;  ///< the worst, if there are others beyond it
};

struct Levels {
    SideLevels bids, asks;
};

/// The members `bids` and `asks` of a snapshot, or of a book of the REST API. Of a long side that begins with
/// the best level, only the first 1000 are read: a liquid product has tens of thousands. Fails with
/// `malformed`.
result<Levels> read_book(const element& book);

/// The member `changes` of an `l2update`. Fails with `malformed`.
result<Levels> read_changes(const element& frame);

/// The member `time`. Fails with `malformed` also if it is further ahead of `received_at` than clocks may
/// differ.
result<VenueTime> read_time(const element& object, TimePoint received_at);

/// The member `sequence`: the number of the product's newest order event.
std::optional<std::uint64_t> read_sequence(const element& object);

}  // namespace kurs::coinbase
