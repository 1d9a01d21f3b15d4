#pragma once

#include "kurs/app/history.hpp"
#include "kurs/ingest/ingest.hpp"
#include "kurs/metrics/readings.hpp"
#include "kurs/server/server.hpp"

namespace kurs {

/// The sources of readings.
struct ReadingPoints {
    const MarketMap& map;
    const Clock& clock;
    const Board& board;  ///< the served board
    const History& history;
    const BoardLog& log;
    const Ingest& ingest;
    const std::vector<MeteredVenue>& metered;
    const server::Server& server;
    const server::Front& front;
};

/// Takes the readings for /metrics.
metrics::Readings take_readings(const ReadingPoints& points);

}  // namespace kurs
