#pragma once

#include <vector>

#include "kurs/alerts/alert.hpp"
#include "kurs/board/board.hpp"
#include "kurs/domain/feed_report.hpp"
#include "kurs/exports/exports.hpp"
#include "kurs/exports/reserves.hpp"
#include "kurs/ingest/ingest.hpp"
#include "kurs/metrics/readings.hpp"

namespace kurs {

/// What troubles are found in.
struct TroublePoints {
    const Board& board;  ///< the served board
    const std::vector<FeedReport>& feeds;
    const exports::Exports& exports;
    const exports::ReserveBook& reserves;
    const std::vector<MeteredVenue>& metered;
    std::optional<metrics::ArchiveReading> archive;  ///< none: this replica writes no history
};

/// Everything that is wrong at this moment. An item of an export that is closed at this hour is not.
std::vector<alerts::Trouble> find_troubles(const TroublePoints& points, TimePoint now);

}  // namespace kurs
