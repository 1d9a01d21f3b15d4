#pragma once

#include "kurs/app/listening.hpp"
#include "kurs/app/sharing.hpp"
#include "kurs/metrics/readings.hpp"
#include "kurs/server/server.hpp"

namespace kurs {

/// Where readings are taken.
struct ReadingPoints {
    const Configuration& configuration;
    const Clock& clock;
    const Board& board;  ///< what is served
    const History& history;
    const coingecko::Spending& spending;
    const server::Server& server;
    const Listening* listening;  ///< null: this copy does not listen
    const Sharing* sharing;      ///< null: there are no other copies
};

/// How everything stands, for /metrics.
metrics::Readings take_readings(const ReadingPoints& points);

}  // namespace kurs
